/** What goes between a machine and its host. */
export type HostValue = undefined | null | boolean | number | string | ArrayBuffer | Uint8Array;
