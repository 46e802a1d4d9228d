// Settings of Node-RED (https://nodered.org/docs/user-guide/runtime/configuration) for `npm start` in this folder.
module.exports = {
	// This computer only: the editor runs code, and without `adminAuth` it asks nobody for a password.
	uiHost: "127.0.0.1",
	uiPort: process.env.PORT || 1880,
	flowFile: "flow.json",
	externalModules: { autoInstall: false },
	telemetry: { enabled: false, updateNotification: false },
	editorTheme: { projects: { enabled: false }, tours: false },
	logging: { console: { level: "info", metrics: false, audit: false } },
};
