/**
 * Whether bytes have the shape of a PKCS #10 certificate request, in DER. The library that reads and makes certificates takes
 * longer to load than all else a server does when it starts; what is only kept need not wait for it. Source: RFC 2986.
 */
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const SEQUENCE = 0x30;

interface Element {
  tag: number;
  content: Uint8Array;
}

/** Why it is none, in Go's words; undefined when it is one. */
export function pkcs10Problem(bytes: Uint8Array): string | undefined {
  const [request, ...more] = elementsOf(bytes) ?? [];
  if (!request || request.tag !== SEQUENCE) return 'asn1: structure error';
  if (more.length > 0) return 'asn1: syntax error: trailing data';
  const parts = elementsOf(request.content);
  if (!hasTags(parts, [SEQUENCE, SEQUENCE, BIT_STRING])) return 'asn1: structure error';
  // Version, subject and public key; attributes follow.
  const information = elementsOf(parts[0].content)?.slice(0, 3);
  return hasTags(information, [INTEGER, SEQUENCE, SEQUENCE]) ? undefined : 'asn1: structure error';
}

function hasTags(elements: Element[] | undefined, tags: readonly number[]): elements is Element[] {
  return elements?.length === tags.length && elements.every(({ tag }, i) => tag === tags[i]);
}

/** What stands one behind the other; undefined where a length goes beyond the end. */
function elementsOf(bytes: Uint8Array): Element[] | undefined {
  const elements: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at];
    let length = bytes[at + 1] ?? -1;
    let start = at + 2;
    if (length > 0x80 && length <= 0x84) {
      const end = start + (length - 0x80);
      length = 0;
      while (start < end) length = length * 256 + (bytes[start++] ?? Number.NaN);
    } else if (length < 0 || length >= 0x80) return undefined;
    // Not so for NaN either.
    if (!(start + length <= bytes.length)) return undefined;
    elements.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}
