import { readChapters } from "../support/tutorial-reader";

readChapters("a reader of the tutorial's chapters on a broker and clients", [10, 12, 14], ["npm start"]);
