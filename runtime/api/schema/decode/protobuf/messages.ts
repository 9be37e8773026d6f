/**
 * The tables of field numbers, read: name of a message → its fields by number.
 *
 *     Container = 1:name:string 6:ports:[]ContainerPort 16:stdin?:bool
 *
 * A line with `=` begins a message; a field is number, JSON name, type. `[]` is repeated, `{}` a map by text; a type
 * without a package is of its own. After the name, `?` drops a zero, which Go writes for fields that are no pointers, `!`
 * keeps an empty text, and `<` puts the members in the place of the field, as Go does with embedded structs.
 */
import { CLUSTER_MESSAGES } from './cluster-messages.ts';
import { CORE_OBJECTS } from './core-messages.ts';
import { EXTENSION_MESSAGES } from './extension-messages.ts';
import { POD_PARTS } from './pod-messages.ts';
import { VOLUMES } from './volume-messages.ts';
import { WORKLOAD_MESSAGES } from './workload-messages.ts';

export interface MessageField {
  name: string;
  list: boolean;
  map: boolean;
  /** One of BUILT_IN, or a message. */
  type: string;
  /** Undefined for everything but messages. */
  message: Message | undefined;
  dropZero: boolean;
  keepEmpty: boolean;
  embedded: boolean;
}

export interface Message {
  name: string;
  fields: Map<number, MessageField>;
}

const BUILT_IN = new Set([
  'string',
  'int',
  'bool',
  'double',
  'bytes',
  'Time',
  'MicroTime',
  'Quantity',
  'IntOrString',
  'FieldsV1',
  'RawExtension',
  'JSON',
  'ExtraValue',
]);

let known: Map<string, Message> | undefined;

/** undefined for kinds that have no messages: custom ones. */
export function messageOf(apiVersion: string, kind: string): Message | undefined {
  known ??= readAll({
    ...WORKLOAD_MESSAGES,
    ...CLUSTER_MESSAGES,
    ...EXTENSION_MESSAGES,
    core: CORE_OBJECTS + POD_PARTS + VOLUMES,
  });
  if (kind === 'DeleteOptions') return known.get('meta.DeleteOptions');
  const [version, group = 'core'] = apiVersion.split('/').reverse();
  const packageName = group.split('.')[0];
  const message = known.get(`${packageName}${version === 'v1' ? '' : `.${version}`}.${kind}`);
  return message?.fields.get(1)?.name === 'metadata' ? message : undefined;
}

function readAll(packages: Readonly<Record<string, string>>): Map<string, Message> {
  const messages = new Map<string, Message>();
  const messageNamed = (name: string): Message => {
    const message = messages.get(name) ?? { name, fields: new Map() };
    messages.set(name, message);
    return message;
  };
  for (const [packageName, text] of Object.entries(packages)) {
    const words = text.trim().split(/\s+/);
    let message: Message | undefined;
    words.forEach((word, i) => {
      if (words[i + 1] === '=') message = messageNamed(`${packageName}.${word}`);
      else if (word !== '=') {
        const [number, field] = readField(word, packageName, messageNamed);
        message?.fields.set(number, field);
      }
    });
  }
  return messages;
}

function readField(
  word: string,
  packageName: string,
  messageNamed: (name: string) => Message,
): [number: number, field: MessageField] {
  const [, number, name, flag, many, type] = /^(\d+):([\w$-]+)([?!<]?):(\[\]|\{\})?([\w.]+)$/.exec(word) ?? [];
  if (type === undefined) throw new Error(`messages: '${word}' of ${packageName} is no field`);
  const message = BUILT_IN.has(type) ? undefined : messageNamed(type.includes('.') ? type : `${packageName}.${type}`);
  const field: MessageField = {
    name,
    list: many === '[]',
    map: many === '{}',
    type,
    message,
    dropZero: flag === '?',
    keepEmpty: flag === '!',
    embedded: flag === '<',
  };
  return [Number(number), field];
}
