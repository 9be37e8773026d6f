/**
 * The PROXY protocol, versions 1 (a line of text) and 2 (binary): who the client is, said before its first byte.
 * Source: haproxy/haproxy: doc/proxy-protocol.txt.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { canonicalIp } from '../../core/index.ts';

export interface ProxiedAddresses {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}

export type ProxyHeader =
  /** More bytes are needed. */
  | { readonly state: 'more' }
  | { readonly state: 'wrong'; readonly reason: string }
  /** `addresses` are absent where the sender speaks for itself (a health check), or of a family that is not IP. */
  | { readonly state: 'read'; readonly bytes: number; readonly addresses?: ProxiedAddresses };

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
/** The longest line of version 1, its end included. */
const MAX_LINE = 107;
const FIXED = 16;
const VERSION_2 = 0x20;
const PROXY = 1;
const TCP4 = 0x11;
const TCP6 = 0x21;

/** @param bytes what has come so far. */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (bytes.length === 0) return { state: 'more' };
  if (bytes[0] === SIGNATURE[0]) return readBinary(bytes);
  return readLine(bytes);
}

export function encodeProxyHeader(addresses: ProxiedAddresses, version: 1 | 2): Buffer {
  return version === 1 ? encodeLine(addresses) : encodeBinary(addresses);
}

function readLine(bytes: Buffer): ProxyHeader {
  const expected = 'PROXY ';
  if (!expected.startsWith(bytes.toString('latin1', 0, Math.min(bytes.length, expected.length)))) {
    return { state: 'wrong', reason: 'no PROXY protocol' };
  }
  const end = bytes.indexOf('\r\n');
  if (end < 0) {
    return bytes.length < MAX_LINE ? { state: 'more' } : { state: 'wrong', reason: 'a line without an end' };
  }
  if (end + 2 > MAX_LINE) return { state: 'wrong', reason: 'a line that is too long' };
  const [, family, source, destination, sourcePort, destinationPort, ...rest] = bytes
    .toString('latin1', 0, end)
    .split(' ');
  if (family === 'UNKNOWN') return { state: 'read', bytes: end + 2 };
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : () => false;
  const ports = [sourcePort, destinationPort];
  const valid = ports.every((port) => /^(0|[1-9]\d{0,4})$/.test(port ?? '') && Number(port) <= 65_535);
  if (rest.length > 0 || !valid || !isAddress(source ?? '') || !isAddress(destination ?? '')) {
    return { state: 'wrong', reason: 'a line that names no addresses' };
  }
  const addresses = { source, destination, sourcePort: Number(sourcePort), destinationPort: Number(destinationPort) };
  return { state: 'read', bytes: end + 2, addresses };
}

function readBinary(bytes: Buffer): ProxyHeader {
  const seen = Math.min(bytes.length, SIGNATURE.length);
  if (bytes.compare(SIGNATURE, 0, seen, 0, seen) !== 0) return { state: 'wrong', reason: 'no PROXY protocol' };
  if (bytes.length < FIXED) return { state: 'more' };
  const [command, family] = [bytes[12], bytes[13]];
  if ((command & 0xf0) !== VERSION_2 || (command & 0x0f) > PROXY) {
    return { state: 'wrong', reason: 'another version of the PROXY protocol' };
  }
  const length = bytes.readUInt16BE(14);
  const total = FIXED + length;
  if (bytes.length < total) return { state: 'more' };
  if ((command & 0x0f) !== PROXY || (family !== TCP4 && family !== TCP6)) return { state: 'read', bytes: total };
  const width = family === TCP4 ? 4 : 16;
  if (length < 2 * width + 4) return { state: 'wrong', reason: 'addresses that are cut off' };
  const addresses: ProxiedAddresses = {
    source: addressText(bytes.subarray(FIXED, FIXED + width)),
    destination: addressText(bytes.subarray(FIXED + width, FIXED + 2 * width)),
    sourcePort: bytes.readUInt16BE(FIXED + 2 * width),
    destinationPort: bytes.readUInt16BE(FIXED + 2 * width + 2),
  };
  return { state: 'read', bytes: total, addresses };
}

function encodeLine({ source, destination, sourcePort, destinationPort }: ProxiedAddresses): Buffer {
  const bothV4 = isIPv4(source) && isIPv4(destination);
  const [from, to] = bothV4 ? [source, destination] : [asV6(source), asV6(destination)];
  return Buffer.from(`PROXY ${bothV4 ? 'TCP4' : 'TCP6'} ${from} ${to} ${sourcePort} ${destinationPort}\r\n`, 'latin1');
}

function encodeBinary({ source, destination, sourcePort, destinationPort }: ProxiedAddresses): Buffer {
  const bothV4 = isIPv4(source) && isIPv4(destination);
  const width = bothV4 ? 4 : 16;
  const header = Buffer.alloc(FIXED + 2 * width + 4);
  SIGNATURE.copy(header);
  header[12] = VERSION_2 | PROXY;
  header[13] = bothV4 ? TCP4 : TCP6;
  header.writeUInt16BE(2 * width + 4, 14);
  addressBytes(bothV4 ? source : asV6(source)).copy(header, FIXED);
  addressBytes(bothV4 ? destination : asV6(destination)).copy(header, FIXED + width);
  header.writeUInt16BE(sourcePort, FIXED + 2 * width);
  header.writeUInt16BE(destinationPort, FIXED + 2 * width + 2);
  return header;
}

function asV6(address: string): string {
  return isIPv4(address) ? `::ffff:${address}` : address;
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const pieces = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
  const text = pieces.join(':');
  return canonicalIp(text) ?? text;
}

/** 4 or 16 bytes in network order. @param address a valid one. */
function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  if (dotted) {
    const last = Buffer.from(dotted[2].split('.').map(Number)).toString('hex');
    return addressBytes(`${dotted[1]}${last.slice(0, 4)}:${last.slice(4)}`);
  }
  const [head, tail] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const zeros = tail === undefined ? [] : new Array<string>(8 - head.length - tail.length).fill('0');
  const pieces = [...head, ...zeros, ...(tail ?? [])];
  return Buffer.from(pieces.map((piece) => piece.padStart(4, '0')).join(''), 'hex');
}
