/**
 * /openapi/v3 and /openapi/v2: documents made from the types, of the kinds that are served and nothing else.
 * Documents are made when asked for and not kept: clients keep them for as long as the hash in their address stays.
 */
import { createHash } from 'node:crypto';
import type { Schemas } from '../schemas.ts';
import { Components, type GroupVersionKind, type Json } from './components.ts';
import { pathsOf, type Refs, type Served } from './paths.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** @param groupVersion 'v1' or 'apps/v1'; @param kinds all that are served, of which this version's are taken. */
export function openApiV3(groupVersion: string, kinds: readonly Served[], schemas: Schemas): Json {
  const components = new Components(schemas);
  const options = schemas.definition('V1DeleteOptions');
  const shared = {
    options: options ? components.refTo(options) : { type: 'object' },
    patch: components.add(`${META}.Patch`, { type: 'object', description: 'A patch, as its content type says.' }),
  };
  const paths: Record<string, Json> = {};
  for (const kind of kinds) {
    if (groupVersionOf(kind) !== groupVersion) continue;
    const object = refOf(kind, schemas, components);
    const { group, version } = kind;
    const refs: Refs = {
      ...shared,
      object,
      list: refOf({ group, version, kind: `${kind.kind}List`, listed: object }, schemas, components),
      sub: (name) => refOf(kind.subresources.find((sub) => sub.name === name) ?? kind, schemas, components),
    };
    Object.assign(paths, pathsOf(kind, refs));
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: `v${schemas.release}.0` },
    paths,
    components: { schemas: components.schemas },
  };
}

/** 'v1' → 'api/v1', 'apps/v1' → 'apis/apps/v1': how /openapi/v3 names a version. */
export function openApiPath(groupVersion: string): string {
  return `${groupVersion.includes('/') ? 'apis' : 'api'}/${groupVersion}`;
}

/** The body of /openapi/v3: where each version's document is. A hash changes with the document. */
export function openApiIndex(kinds: readonly Served[], schemas: Schemas): { paths: Record<string, Json> } {
  const versions = [...new Set(kinds.map(groupVersionOf))].sort();
  const paths = versions.map((groupVersion): [string, Json] => {
    const hash = documentHash(JSON.stringify(openApiV3(groupVersion, kinds, schemas)));
    const path = openApiPath(groupVersion);
    return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
  });
  return { paths: Object.fromEntries(paths) };
}

/** Of a document's text, as it stands in its address and may stand in its ETag. */
export function documentHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').toUpperCase();
}

/** A valid document that says nothing: kubectl reads version 3. As protobuf the same is zero bytes long. */
export function openApiV2(schemas: Schemas): Json {
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: `v${schemas.release}.0` },
    paths: {},
    definitions: {},
  };
}

function groupVersionOf({ group, version }: GroupVersionKind): string {
  return group === '' ? version : `${group}/${version}`;
}

/** A kind that is not built in: any object with metadata, and what its own schema says. */
function refOf(
  { group, version, kind, openApi, listed }: GroupVersionKind & { openApi?: object; listed?: Json },
  schemas: Schemas,
  components: Components,
): Json {
  const named = [{ group, kind, version }];
  const definition = schemas.definitionOf(groupVersionOf({ group, version, kind }), kind);
  if (definition) return components.refTo(definition, named);
  const metadata = schemas.definition(listed ? 'V1ListMeta' : 'V1ObjectMeta');
  const { properties, ...own } = (openApi ?? { 'x-kubernetes-preserve-unknown-fields': true }) as Json;
  return components.add(`${group.split('.').reverse().join('.') || 'core'}.${version}.${kind}`, {
    type: 'object',
    ...own,
    properties: {
      ...(properties as Json | undefined),
      ...(listed && { items: { type: 'array', items: listed } }),
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: metadata ? { allOf: [components.refTo(metadata)] } : { type: 'object' },
    },
    'x-kubernetes-group-version-kind': named,
  });
}
