/** What the panel asks of the simulator's application (mcsim of SDK 8.2) that it runs in. */

declare const application: {
	readonly behavior: { readonly SCREEN: { readonly running: boolean } };
	/** Calls a method of its behavior, once what runs now is over. */
	defer(method: string): void;
};

export const simulator = {
	running: (): boolean => application.behavior.SCREEN.running,
	/** Starts the machine, anew if it runs. */
	launch: (): void => application.defer("doReloadFile"),
	/** Ends the machine; nothing of it is left. */
	stop: (): void => application.defer("quitScreen"),
	/** Closes the window. */
	quit: (): void => application.defer("doQuit"),
};
