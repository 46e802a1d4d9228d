import { readChapters } from "../support/tutorial-reader";

readChapters("a reader of the tutorial's first chapters", [1, 2, 3, 4, 5, 6, 7, 8, 9]);
