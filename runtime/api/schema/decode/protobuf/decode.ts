/**
 * Protobuf bodies → the objects JSON would have brought. kubectl 1.32 and later sends them for what it makes itself.
 * Source: Kubernetes v1.36, apimachinery/pkg/runtime/serializer/protobuf and the encoders of its messages.
 */
import { badRequest, unsupportedMediaType } from '../../../http/status.ts';
import { ONE_OF } from './extension-messages.ts';
import { type Message, type MessageField, messageOf } from './messages.ts';
import { BYTES, FIXED64, Reader, VARINT, WireError } from './reader.ts';

const MAGIC = [0x6b, 0x38, 0x73, 0x00];
/** Deeper than any message refers to others. */
const DEPTH_LIMIT = 64;

/**
 * @throws ApiError 400 for bytes that are no such body, 415 for kinds whose messages are not known, or another encoding.
 */
export function decodeProtobuf(bytes: Uint8Array): Record<string, unknown> {
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) {
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  try {
    const { apiVersion, kind, raw, encoding } = readEnvelope(new Reader(bytes, MAGIC.length));
    const message = encoding === '' ? messageOf(apiVersion, kind) : undefined;
    if (!message) throw unsupportedMediaType(['application/json', 'application/yaml']);
    return { apiVersion, kind, ...readMessage(raw, message, 0) };
  } catch (error) {
    if (error instanceof WireError) throw badRequest(`unable to decode the protobuf body: ${error.message}`);
    throw error;
  }
}

/** runtime.Unknown: {1 typeMeta {1 apiVersion, 2 kind}, 2 raw, 3 contentEncoding, 4 contentType}. */
function readEnvelope(reader: Reader): { apiVersion: string; kind: string; raw: Reader; encoding: string } {
  const envelope = { apiVersion: '', kind: '', raw: new Reader(new Uint8Array()), encoding: '' };
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (wire !== BYTES) reader.skip(wire);
    else if (number === 2) envelope.raw = reader.part();
    else if (number === 3) envelope.encoding = reader.text();
    else if (number !== 1) reader.skip(wire);
    else {
      const [apiVersion, kind] = readTexts(reader.part(), 2);
      Object.assign(envelope, { apiVersion, kind });
    }
  }
  return envelope;
}

/** The text fields 1 to `count` of a small message. */
function readTexts(reader: Reader, count: number): string[] {
  const texts = new Array<string>(count).fill('');
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (wire === BYTES && number <= count) texts[number - 1] = reader.text();
    else reader.skip(wire);
  }
  return texts;
}

function readMessage(reader: Reader, message: Message, depth: number): Record<string, unknown> {
  if (depth > DEPTH_LIMIT) throw new WireError('messages are nested too deep');
  const object: Record<string, unknown> = {};
  while (!reader.done) {
    const { number, wire } = reader.tag();
    const field = message.fields.get(number);
    if (!field || !isDue(field, wire)) reader.skip(wire);
    else if (field.map) putEntry(object, field, reader.part(), depth);
    else if (field.list && wire === BYTES && isNumber(field)) putPacked(object, field, reader.part());
    else put(object, field, readValue(reader, field, depth));
  }
  return object;
}

function isNumber({ type }: MessageField): boolean {
  return type === 'int' || type === 'bool';
}

/** A field in another wire format than its own is skipped, as an unknown one is; lists of numbers come in two. */
function isDue(field: MessageField, wire: number): boolean {
  if (field.type === 'double') return wire === FIXED64;
  if (isNumber(field) && !field.map) return wire === VARINT || (field.list && wire === BYTES);
  return wire === BYTES;
}

function put(object: Record<string, unknown>, field: MessageField, value: unknown): void {
  if (field.list) {
    const list = object[field.name];
    if (Array.isArray(list)) list.push(value);
    else object[field.name] = [value];
  } else if (field.embedded) Object.assign(object, value);
  else if (!isAbsent(field, value)) object[field.name] = value;
}

/** What Go writes for a field that has not been set. */
function isAbsent({ dropZero, keepEmpty }: MessageField, value: unknown): boolean {
  if (value === undefined || (value === '' && !keepEmpty)) return true;
  return dropZero && (value === 0 || value === false);
}

function putPacked(object: Record<string, unknown>, field: MessageField, part: Reader): void {
  while (!part.done) put(object, field, field.type === 'bool' ? part.varint() !== 0 : part.varint());
}

/** {1 key, 2 value} */
function putEntry(object: Record<string, unknown>, field: MessageField, entry: Reader, depth: number): void {
  let key = '';
  let value: unknown;
  while (!entry.done) {
    const { number, wire } = entry.tag();
    if (number === 1 && wire === BYTES) key = entry.text();
    else if (number === 2 && wire === BYTES) value = readValue(entry, field, depth);
    else entry.skip(wire);
  }
  const map = (object[field.name] ??= {}) as Record<string, unknown>;
  const held = value ?? (field.type === 'ExtraValue' ? [] : '');
  // Not by assignment: '__proto__' is a key like any other.
  Object.defineProperty(map, key, { value: held, enumerable: true, writable: true, configurable: true });
}

function readValue(reader: Reader, field: MessageField, depth: number): unknown {
  switch (field.type) {
    case 'string':
      return reader.text();
    case 'int':
      return reader.varint();
    case 'bool':
      return reader.varint() !== 0;
    case 'double':
      return reader.double();
    case 'bytes':
      return Buffer.from(reader.slice()).toString('base64');
    case 'Time':
      return readTime(reader.part(), 'Time');
    case 'MicroTime':
      return readTime(reader.part(), 'MicroTime');
    case 'Quantity':
      return readTexts(reader.part(), 1)[0] || '0';
    case 'IntOrString':
      return readIntOrString(reader.part());
    case 'FieldsV1':
      return parseJson(readTexts(reader.part(), 1)[0], 'fieldsV1');
    case 'RawExtension':
      return parseJson(readTexts(reader.part(), 1)[0], 'a raw object');
    case 'JSON':
      return parseJson(readTexts(reader.part(), 1)[0] || 'null', 'a value');
    case 'ExtraValue':
      return readItems(reader.part());
  }
  if (!field.message) throw new WireError(`no message ${field.type}`);
  const value = readMessage(reader.part(), field.message, depth + 1);
  return field.type in ONE_OF ? ONE_OF[field.type](value) : value;
}

/** {1 seconds, 2 nanos} → RFC 3339, in whole seconds or in microseconds; undefined for the zero time, written as nothing. */
function readTime(reader: Reader, type: 'Time' | 'MicroTime'): string | undefined {
  let seconds = 0;
  let nanos = 0;
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (number === 1 && wire === VARINT) seconds = reader.varint();
    else if (number === 2 && wire === VARINT) nanos = reader.varint();
    else reader.skip(wire);
  }
  if (seconds === 0) return undefined;
  const time = new Date(seconds * 1000);
  const year = Number.isNaN(time.getTime()) ? -1 : time.getUTCFullYear();
  if (year < 0 || year > 9999) throw new WireError('a time is out of range');
  const text = time.toISOString().slice(0, -'.000Z'.length);
  return type === 'Time' ? `${text}Z` : `${text}.${String(Math.trunc(nanos / 1000)).padStart(6, '0')}Z`;
}

/** {1 type, 2 intVal, 3 strVal}; type 1 is a text. */
function readIntOrString(reader: Reader): number | string {
  let isText = false;
  let number = 0;
  let text = '';
  while (!reader.done) {
    const { number: field, wire } = reader.tag();
    if (field === 1 && wire === VARINT) isText = reader.varint() === 1;
    else if (field === 2 && wire === VARINT) number = reader.varint();
    else if (field === 3 && wire === BYTES) text = reader.text();
    else reader.skip(wire);
  }
  return isText ? text : number;
}

function readItems(reader: Reader): string[] {
  const items: string[] = [];
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (number === 1 && wire === BYTES) items.push(reader.text());
    else reader.skip(wire);
  }
  return items;
}

function parseJson(text: string, what: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw new WireError(`${what} is no JSON`);
  }
}
