/**
 * What stands around a snapshot's payload: a name, a format version, the length and a checksum, so that other files, cut
 * ones, damaged ones and those of another format are told apart before anything is read from them.
 */
import { ApiError } from '../../errors.ts';
import { checksum } from './checksum.ts';

/** Grows whenever the payload of an older version would be misread. */
export const FORMAT = 1;

const NAME = [...'KEELSNAP'].map((letter) => letter.charCodeAt(0));
/** Columns are written as the machine holds them: a machine of the other byte order reads this otherwise. */
const BYTE_ORDER = 0x01020304;
/** Name, byte order, format, payload bytes, checksum. */
const HEADER_BYTES = NAME.length + 4 * 4;
/** The checksum is over payloads of less than that. */
const MAX_BYTES = 2 ** 32 - 1;

/** @throws ApiError when the payload is 4 GiB or more. */
export function seal(payload: Uint8Array): Uint8Array {
  if (payload.length > MAX_BYTES) refuse(`would take ${payload.length} bytes; the format has room for ${MAX_BYTES}`);
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  bytes.set(NAME);
  bytes.set(payload, HEADER_BYTES);
  const header = new Uint32Array(bytes.buffer, NAME.length, 4);
  header.set([BYTE_ORDER, FORMAT, payload.length]);
  header[3] = checksum(bytes.subarray(HEADER_BYTES));
  return bytes;
}

/**
 * The payload of a sealed snapshot.
 * @throws ApiError when these are not the bytes of a whole snapshot that this version reads.
 */
export function unseal(sealed: Uint8Array): Uint8Array {
  if (sealed.length < NAME.length || NAME.some((letter, i) => sealed[i] !== letter)) {
    refuse('is not a snapshot of Keelson: it does not begin with KEELSNAP');
  }
  if (sealed.length < HEADER_BYTES) refuse(`is cut short: its header alone takes ${HEADER_BYTES} bytes`);
  // Words must stand on multiples of four, which a slice of some larger buffer need not.
  const bytes = sealed.byteOffset % 4 === 0 ? sealed : sealed.slice();
  const [order, format, length, sum] = new Uint32Array(bytes.buffer, bytes.byteOffset + NAME.length, 4);
  if (order !== BYTE_ORDER) refuse('was written on a machine of another byte order');
  if (format !== FORMAT) refuse(`is of format ${format}; this version reads format ${FORMAT}`);
  const payload = bytes.subarray(HEADER_BYTES);
  if (payload.length < length) refuse(`is cut short: ${payload.length} of ${length} bytes`);
  if (payload.length > length) refuse(`is followed by ${payload.length - length} bytes that are not its own`);
  if (checksum(payload) !== sum) refuse('is damaged: its checksum is another');
  return payload;
}

function refuse(message: string): never {
  throw new ApiError('Invalid', [{ path: 'snapshot', message, severity: 'error' }]);
}
