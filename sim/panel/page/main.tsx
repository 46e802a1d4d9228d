import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./style/theme.css";
import "./style/page.css";
import "./style/board.css";
import "./style/parts.css";
import "./style/talk.css";
import "./style/packets.css";
import { App } from "./app";
import { language, speak } from "./text/text";
import { theme, wear } from "./theme";

speak(language.value);
wear(theme.value);
render(<App />, document.getElementById("page")!);
