/** IP addresses as four words in network order, and back to their canonical spelling (RFC 5952). IPv4 is ::ffff:a.b.c.d. */

const MAPPED = 0xffff;

/** False, and nothing written of use, where the text is no IP address. */
export function writeAddress(text: string, words: Int32Array, at: number): boolean {
  const v4 = parseV4(text);
  if (v4 !== undefined) {
    words[at] = 0;
    words[at + 1] = 0;
    words[at + 2] = MAPPED;
    words[at + 3] = v4;
    return true;
  }
  const pieces = parseV6(text);
  if (pieces === undefined) return false;
  for (let i = 0; i < 4; i++) words[at + i] = (pieces[2 * i] << 16) | pieces[2 * i + 1];
  return true;
}

export function readAddress(words: Int32Array, at: number): string {
  if (words[at] === 0 && words[at + 1] === 0 && words[at + 2] === MAPPED) {
    const v4 = words[at + 3];
    return `${v4 >>> 24}.${(v4 >>> 16) & 255}.${(v4 >>> 8) & 255}.${v4 & 255}`;
  }
  const pieces = Array.from({ length: 8 }, (_, i) => (words[at + (i >> 1)] >>> (i % 2 === 0 ? 16 : 0)) & 0xffff);
  return formatV6(pieces);
}

function parseV4(text: string): number | undefined {
  let address = 0;
  let octet = -1;
  let octets = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 46;
    if (code >= 48 && code <= 57) {
      if (octet === 0) return undefined; // A leading zero is no decimal number to everyone.
      octet = (octet < 0 ? 0 : octet * 10) + code - 48;
      if (octet > 255) return undefined;
    } else if (code === 46 && octet >= 0 && octets < 4) {
      address = (address << 8) | octet;
      octet = -1;
      octets++;
    } else {
      return undefined;
    }
  }
  return octets === 4 ? address : undefined;
}

function parseV6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const given = head.length + (tail?.length ?? 0);
  if (tail === undefined ? given !== 8 : given > 7) return undefined;
  const pieces = [...head, ...new Array<string>(8 - given).fill('0'), ...(tail ?? [])];
  if (!pieces.every((piece) => /^[0-9a-fA-F]{1,4}$/.test(piece))) return undefined;
  return pieces.map((piece) => Number.parseInt(piece, 16));
}

/** The longest run of zero pieces (two at least, the first of equals) becomes '::'. */
function formatV6(pieces: readonly number[]): string {
  let [from, length] = [-1, 1];
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && pieces[end] === 0) end++;
    if (end - i > length) [from, length] = [i, end - i];
  }
  const hex = pieces.map((piece) => piece.toString(16));
  if (from < 0) return hex.join(':');
  return `${hex.slice(0, from).join(':')}::${hex.slice(from + length).join(':')}`;
}
