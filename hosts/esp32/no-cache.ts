/** In place of the SDK's `ssl/cache`: a TLS session that is resumed is not verified again, so none is kept. */
const cache: undefined = undefined;

export default cache;
