/** The paths of a kind, as far as clients look: which kind stands where, and how it is patched. */
import type { Json } from './components.ts';

export interface Served {
  group: string;
  version: string;
  kind: string;
  plural: string;
  namespaced: boolean;
  verbs: readonly string[];
  subresources: readonly { name: string; group: string; version: string; kind: string; verbs: readonly string[] }[];
  /** No strategic merge patch. */
  custom?: boolean;
  /** Of a kind that is not built in: its own schema, as OpenAPI. */
  openApi?: object;
}

/** Refs to the schemas that the operations of a kind speak of. */
export interface Refs {
  object: Json;
  list: Json;
  options: Json;
  patch: Json;
  /** Of a subresource's kind. */
  sub(name: string): Json;
}

export function pathsOf(kind: Served, refs: Refs): Record<string, Json> {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const collection = `${root}${kind.namespaced ? '/namespaces/{namespace}' : ''}/${kind.plural}`;
  const paths: Record<string, Json> = {};
  const put = (path: string, operations: Json): void => {
    if (Object.keys(operations).length > 0) paths[path] = { ...operations, parameters: placeholders(path) };
  };
  put(collection, collectionOperations(kind, refs));
  put(`${collection}/{name}`, itemOperations(kind, kind, kind.verbs, refs.object, refs));
  if (kind.namespaced && kind.verbs.includes('list')) {
    put(`${root}/${kind.plural}`, { get: operation('list', kind, refs.list) });
  }
  for (const sub of kind.subresources) {
    put(`${collection}/{name}/${sub.name}`, itemOperations(kind, sub, sub.verbs, refs.sub(sub.name), refs));
  }
  return paths;
}

type Named = Pick<Served, 'group' | 'version' | 'kind'>;

function collectionOperations(kind: Served, refs: Refs): Json {
  const operations: Json = {};
  if (kind.verbs.includes('list')) operations.get = operation('list', kind, refs.list);
  if (kind.verbs.includes('create'))
    operations.post = { ...operation('post', kind, refs.object, WRITE), ...body(refs.object) };
  if (kind.verbs.includes('deletecollection')) {
    operations.delete = { ...operation('deletecollection', kind, refs.list), ...body(refs.options) };
  }
  return operations;
}

function itemOperations(kind: Served, named: Named, verbs: readonly string[], object: Json, refs: Refs): Json {
  const operations: Json = {};
  if (verbs.includes('get')) operations.get = operation('get', named, object);
  if (verbs.includes('create') && named !== kind) {
    operations.post = { ...operation('post', named, object, WRITE), ...body(object) };
  }
  if (verbs.includes('update')) operations.put = { ...operation('put', named, object, WRITE), ...body(object) };
  if (verbs.includes('patch')) {
    operations.patch = { ...operation('patch', named, object, [...WRITE, FORCE]), ...patchBody(kind, refs.patch) };
  }
  if (verbs.includes('delete')) operations.delete = { ...operation('delete', named, object), ...body(refs.options) };
  return operations;
}

function operation(
  action: string,
  { group, kind, version }: Named,
  reply: Json,
  parameters: readonly Json[] = [],
): Json {
  return {
    ...(parameters.length > 0 ? { parameters } : {}),
    responses: { '200': { description: 'OK', content: { 'application/json': { schema: reply } } } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, kind, version },
  };
}

function query(name: string, type: string, description: string): Json {
  return { name, in: 'query', description, schema: { type, uniqueItems: true } };
}

const WRITE = [
  query('dryRun', 'string', 'All: go through everything but the storing.'),
  query('fieldManager', 'string', 'Who owns the fields that are written.'),
  query(
    'fieldValidation',
    'string',
    'Unknown and repeated fields are an error (Strict), a warning (Warn) or nothing (Ignore).',
  ),
];
const FORCE = query('force', 'boolean', 'Apply takes over the fields that others own.');

function body(schema: Json): Json {
  return { requestBody: { required: true, content: { '*/*': { schema } } } };
}

const PATCHES = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'];

function patchBody({ custom }: Served, schema: Json): Json {
  const types = custom ? PATCHES : [...PATCHES, 'application/strategic-merge-patch+json'];
  return { requestBody: { required: true, content: Object.fromEntries(types.map((type) => [type, { schema }])) } };
}

function placeholders(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', uniqueItems: true },
  }));
}
