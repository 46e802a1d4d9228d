import { readChapters } from "../support/tutorial-reader";

// On its own, because it is slow: it checks the types of the whole project four times.
readChapters("a reader of the tutorial's chapter on another node", [11]);
