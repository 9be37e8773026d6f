/** What one HTTP/2 connection may hold, on either side of the proxy. */

/** A list of headers, as RFC 9113, 6.5.2, counts it: more is a 431 of the proxy's, or a 502 where an endpoint said it. */
export const MAX_HEADER_BYTES = 16_384;
/** Streams of one client's connection at a time; one more is refused (REFUSED_STREAM). */
export const MAX_CLIENT_STREAMS = 256;
/** Bytes on their way of one stream, and of one connection, that nobody has read yet. */
export const STREAM_WINDOW = 262_144;
export const CONNECTION_WINDOW = 1_048_576;
/** What a connection may hold in memory before new streams are refused. */
export const SESSION_MEMORY_MIB = 64;
/** Of a request's body, kept until its endpoint answers: a stream that is refused can be sent to another one. */
export const MAX_REPLAY_BYTES = 65_536;
