/** `next`: more bytes are needed. */
export const NONE = 0;
/** `next`: more of the payload of the PUBLISH before is there. */
export const FRAGMENT = 16;
/** `next`: a PUBLISH was consumed without being kept: its topic, or its properties, are too long. */
export const SKIPPED = 17;
/** `next`: the bytes are no MQTT, `error` says why. The connection is to be closed. */
export const BAD = -1;

// What a decoder has to do next.
export const HEADER = 0;
export const PAYLOAD = 1;
export const SKIP = 2;
/** A packet of MQTT 5.0. */
export const MODERN = 3;
