/** POST of an object. Source: Kubernetes v1.36, apiserver/pkg/registry/rest/create.go, generic/registry/store.go (Create). */
import { alreadyExists, badRequest, invalid } from '../http/status.ts';
import type { ApiKind, Cause } from '../kinds/kind.ts';
import { apiVersionOf } from '../kinds/table.ts';
import { type ApiObject, isMap } from '../object.ts';
import { admitMutating, admitValidating } from './admit.ts';
import { commitCreate } from './commit.ts';
import { causesWithMetadata, metadataCauses } from './metadata-rules.ts';
import {
  entryOf,
  keeperOf,
  type RegistryParts,
  type RequestContext,
  served,
  type Target,
  timestamp,
  toStored,
} from './parts.ts';
import { faultless, shared } from './shared-specs.ts';

/** Tries to find a generated name that nobody has. */
const NAME_ATTEMPTS = 8;
const MAX_GENERATED_BASE = 58;

/**
 * @param records false where the body's managedFields are the server's own: server-side apply.
 * @param target its name is that of the URL, '' for a POST to the collection.
 * @param body decoded and checked against the schema; not changed.
 * @returns as stored, in the version of the target.
 */
export async function createObject(
  parts: RegistryParts,
  context: RequestContext,
  target: Target,
  body: ApiObject,
  { records = true } = {},
): Promise<ApiObject> {
  const kept: Target = { ...target, kind: keeperOf(parts, target.kind) };
  const generated = !body.metadata.name && !target.name && body.metadata.generateName !== undefined;
  for (let attempt = 1; ; attempt++) {
    const object = withSystemFields(parts, kept, toStored(target.kind, body));
    const named: Target = { ...kept, name: object.metadata.name };
    const ready = await prepareCreate(parts, context, named, object, { records, asked: target.kind });
    if (context.dryRun) {
      if (!entryOf(parts, named)) return served(target.kind, ready);
    } else {
      const created = await commitCreate(parts, named, ready);
      if (created) {
        await parts.created?.(kept.kind, created);
        return served(target.kind, created);
      }
    }
    if (!generated || attempt === NAME_ATTEMPTS) {
      throw alreadyExists(target.kind.group, target.kind.plural, named.name);
    }
  }
}

/** Defaults, admission and validation of a new object. */
async function prepareCreate(
  parts: RegistryParts,
  context: RequestContext,
  target: Target,
  object: ApiObject,
  { records, asked }: { records: boolean; asked: ApiKind },
): Promise<ApiObject> {
  const { kind } = target;
  let next = defaulted(kind, object);
  // Before admission: what plugins put in has no owner, so that no later apply takes it away.
  if (records) next = recorded(parts, context, kind, next);
  next = await admitMutating(parts, context, target, { operation: 'CREATE', object: next });
  if (kind.prepareForCreate) next = kind.prepareForCreate(next) as ApiObject;
  if (kind.sharesSpecs && isMap(next.spec)) next = { ...next, spec: shared(next.spec) };
  const causes = causesWithMetadata(metadataCauses(kind, next), causesOfKind(kind, asked, next));
  if (causes.length > 0) throw invalid(kind.group, kind.kind, next.metadata.name, causes);
  await admitValidating(parts, context, target, { operation: 'CREATE', object: next });
  return next;
}

/** @param asked the row of the request's group, where another keeps the object. */
function causesOfKind(kind: ApiKind, asked: ApiKind, object: ApiObject): Cause[] {
  const isAlike = kind.sharesSpecs && kind === asked ? faultless(object) : undefined;
  if (isAlike?.known) return [];
  const causes = [...(kind.validate?.(object) ?? []), ...(asked.validateNew?.(object) ?? [])];
  if (causes.length === 0) isAlike?.remember();
  return causes;
}

/** Name, namespace, uid, time of creation; what only the server sets is dropped, and so is a status. */
function withSystemFields(parts: RegistryParts, { kind, namespace, name }: Target, body: ApiObject): ApiObject {
  const { generateName } = body.metadata;
  const metadata: ApiObject['metadata'] = { ...body.metadata, name: body.metadata.name || name };
  if (!metadata.name && generateName) {
    metadata.name = generateName.slice(0, MAX_GENERATED_BASE) + parts.nameSuffix();
  }
  if (kind.namespaced) metadata.namespace = namespace;
  else delete metadata.namespace;
  metadata.uid = parts.uid();
  metadata.creationTimestamp = timestamp(parts.now());
  for (const field of ['resourceVersion', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink']) {
    if (field in metadata) Reflect.deleteProperty(metadata, field);
  }
  if (countsGenerations(kind)) metadata.generation = 1;
  else delete metadata.generation;
  const object: ApiObject = { ...body, apiVersion: apiVersionOf(kind), kind: kind.kind, metadata };
  if (kind.statusSubresource && !kind.createsWithStatus && 'status' in object) delete object.status;
  return object;
}

/** Kinds with a status whose specs nobody counts. */
const UNCOUNTED = new Set([
  'Namespace',
  'Node',
  'Service',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'ResourceQuota',
]);

export function countsGenerations(kind: ApiKind): boolean {
  return kind.custom === true || (kind.statusSubresource && !(kind.group === '' && UNCOUNTED.has(kind.kind)));
}

export function defaulted(kind: ApiKind, object: ApiObject): ApiObject {
  return kind.defaults ? (kind.defaults(object) as ApiObject) : object;
}

function recorded(parts: RegistryParts, context: RequestContext, kind: ApiKind, next: ApiObject): ApiObject {
  return parts.patcher.recordUpdate({
    old: undefined,
    next,
    manager: context.fieldManager,
    type: parts.patcher.typeOf(next.apiVersion, kind.kind),
    subresource: '',
    now: timestamp(parts.now()),
  }) as ApiObject;
}

/** Where the body and the URL name different things: 400. */
export function checkPlace({ kind, namespace, name }: Target, { metadata }: ApiObject): void {
  if (name && metadata.name && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  if (kind.namespaced && metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest(
      `the namespace of the provided object does not match the namespace sent on the request (${metadata.namespace} != ${namespace})`,
    );
  }
}
