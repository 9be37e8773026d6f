/**
 * Text of client-node's generated files → the table of types. The JavaScript of a model lists its fields with their types
 * (attributeTypeMap), its declarations say what is optional and describe it, and the API classes say which kind stands
 * behind which path. Nothing is evaluated.
 */
import { goNameOf, type Model } from './model-table.ts';
import { scalarOf } from './quantity-fields.ts';

const ATTRIBUTE = /"name": "([^"]+)",\s+"baseName": "([^"]+)",\s+"type": "([^"]+)",\s+"format": "([^"]*)"/g;
const DECLARED = /^ {4}(?:\/\*\*\s*\n((?: {4}\*.*\n)*?) {4}\*\/\n {4})?'([^']+)'(\??):/gm;

/** One model from the texts of its .js and its .d.ts. */
export function readModel(name: string, code: string, declarations: string): Model {
  const declared = new Map<string, { required: boolean; description: string }>();
  const head = declarations.indexOf('export declare class');
  for (const [, comment = '', field, optional] of declarations.slice(head).matchAll(DECLARED)) {
    declared.set(field, { required: optional === '', description: plainComment(comment) });
  }
  const fields: Model['fields'] = {};
  for (const [, own, field, type, format] of code.matchAll(ATTRIBUTE)) {
    const { required, description } = declared.get(own) ?? { required: false, description: '' };
    fields[field] = [typeText(goNameOf(name), field, type, format), required ? 1 : 0, description];
  }
  const comments = [...declarations.slice(0, head).matchAll(/\/\*\*\s*\n((?:\s*\*.*\n)*?)\s*\*\//g)];
  return { description: plainComment(comments.length > 1 ? comments[comments.length - 1][1] : ''), fields };
}

function plainComment(comment: string): string {
  return comment
    .replace(/^\s*\* ?/gm, '')
    .trim()
    .replace(/\\(.)/g, '$1');
}

/** Fields whose values are open, whatever the models say of them. */
const OPEN_MODELS = ['V1JSONSchemaProps'];

function typeText(goName: string, field: string, type: string, format: string): string {
  const list = /^Array<(.*)>$/.exec(type);
  if (list) return `[${typeText(goName, field, list[1], format)}`;
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (map) return `{${typeText(goName, field, map[1], format)}`;
  switch (type) {
    case 'string':
      return format === 'byte' ? 'byte' : scalarOf(goName, field);
    case 'number':
      return format === 'int32' || format === 'int64' ? format : 'double';
    case 'boolean':
      return 'boolean';
    case 'Date':
    case 'V1MicroTime':
      return format === 'date-time-micro' || type === 'V1MicroTime' ? 'micro-time' : 'time';
    case 'IntOrString':
      return 'int-or-string';
    case 'any':
      return 'any';
  }
  return OPEN_MODELS.includes(type) ? 'any' : `#${type}`;
}

const OPERATION = /localVarPath = '([^']+)'|ObjectSerializer\.serialize\(body, "([^"]+)"/g;
/** A collection, or a kind posted to below an object. */
const PATH = /^\/(?:api|apis\/([^/]+))\/([^/]+)\/(?:namespaces\/\{namespace\}\/)?[^/{]+$/;

/** The kinds an API class creates at a collection: ['apps/v1/Deployment', 'V1Deployment']. */
export function readKinds(code: string): [kind: string, model: string][] {
  const kinds: [string, string][] = [];
  let path: RegExpExecArray | null = null;
  for (const [, next, model] of code.matchAll(OPERATION)) {
    if (next !== undefined) path = PATH.exec(next);
    else if (path && /V\d/.test(model) && goNameOf(model) !== 'DeleteOptions') {
      const [, group, version] = path;
      kinds.push([`${group === undefined ? '' : group + '/'}${version}/${goNameOf(model)}`, model]);
    }
  }
  return kinds;
}

/** Kinds that no collection takes: those of subresources, of replies and of options. */
export const FURTHER_KINDS: Readonly<Record<string, string>> = {
  'autoscaling/v1/Scale': 'V1Scale',
  'policy/v1/Eviction': 'V1Eviction',
  'authentication.k8s.io/v1/TokenRequest': 'AuthenticationV1TokenRequest',
  'v1/Binding': 'V1Binding',
  'v1/Status': 'V1Status',
  'v1/ComponentStatus': 'V1ComponentStatus',
  'v1/DeleteOptions': 'V1DeleteOptions',
};
