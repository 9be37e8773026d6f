/** Requests for objects: which verb of which kind, and the answer. One path for every kind. */
import type { ApiKind } from '../kinds/kind.ts';
import type { ApiObject } from '../object.ts';
import { checkPlace, createObject } from '../registry/create.ts';
import { deleteObject } from '../registry/delete.ts';
import { listObjects } from '../registry/list.ts';
import { type Target, toStored } from '../registry/parts.ts';
import { current, patchObject } from '../registry/patch.ts';
import { updateObject } from '../registry/update.ts';
import type { Call, Services } from './call.ts';
import { contextOf, readDelete, readObject, readPatch, renderingOf, sendStored } from './exchange.ts';
import { listQuery } from './query.ts';
import { renderList } from './render.ts';
import { JSON_TYPE, sendBody, sendJson, setWarnings } from './respond.ts';
import { ApiError, methodNotAllowed, success, unknownResource } from './status.ts';
import { answerSubresource } from './subresources.ts';
import { respondSource } from './virtual.ts';
import { respondWatch } from './watch-response.ts';

/** The request is authenticated and authorized. */
export async function answerResource(services: Services, call: Call): Promise<void> {
  const { info } = call;
  const kind = services.parts.kinds.find(info.group, info.version, info.resource);
  if (!kind) throw unknownResource();
  const target = targetOf(kind, call);
  if (info.subresource !== '') return answerSubresource(services, call, target);
  if (!kind.verbs.includes(info.verb)) throw methodNotAllowed();
  const source = services.sources.get(`${kind.group}/${kind.plural}`);
  if (source) return respondSource(services, call, kind, source);
  return VERBS[info.verb]?.(services, call, target) ?? Promise.reject(methodNotAllowed());
}

/** Throws the 404 of a namespace where there is none, or none where there has to be one. */
function targetOf(kind: ApiKind, { info }: Call): Target {
  const named = info.verb !== 'list' && info.verb !== 'watch' && info.verb !== 'deletecollection';
  const isNamespace = kind.group === '' && kind.plural === 'namespaces';
  if (!kind.namespaced && info.namespace !== '' && !isNamespace) throw unknownResource();
  if (kind.namespaced && info.namespace === '' && named) {
    throw info.name === '' ? methodNotAllowed() : unknownResource();
  }
  const { name, subresource } = info;
  return { kind, namespace: kind.namespaced ? info.namespace : '', name, subresource };
}

type Verb = (services: Services, call: Call, target: Target) => Promise<void>;

const VERBS: Readonly<Record<string, Verb>> = {
  get: async (services, call, target) => {
    const rendering = renderingOf(services, call, target.kind);
    const { resourceVersion = '' } = listQuery(call.query);
    if (resourceVersion === '') await services.parts.cache.fresh();
    sendStored(call, rendering, toStored(target.kind, current(services.parts, target)), 200);
  },

  list: async (services, call, target) => {
    const rendering = renderingOf(services, call, target.kind);
    const list = await listObjects(services.parts, { ...target, ...listQuery(call.query) });
    sendBody(call.response, 200, renderList(rendering, list), JSON_TYPE);
  },

  watch: async (services, call, target) => {
    const rendering = renderingOf(services, call, target.kind);
    const { timeoutSeconds, ...request } = { ...target, ...listQuery(call.query) };
    const options = { timeoutSeconds: timeoutSeconds ?? requestTimeout(call), rendering, open: services.watches };
    await respondWatch(services.parts, request, call.request, call.response, options);
  },

  create: async (services, call, target) => {
    if (target.name !== '') throw methodNotAllowed();
    const { kind } = target;
    const answer = services.answers.get(`${kind.group}/${kind.plural}`);
    const rendering = renderingOf(services, call, kind, answer === undefined);
    const context = contextOf(call);
    const body = await readObject(services, call, kind, context);
    checkPlace(target, body);
    if (answer) {
      sendJson(call.response, 201, await answer(body, call));
      return;
    }
    if (kind.plural === 'bindings') {
      await answerSubresource(services, call, bindingTarget(services, target, body), body);
      return;
    }
    const object = await createObject(services.parts, context, target, body);
    sendStored(call, rendering, toStored(kind, object), 201);
  },

  update: async (services, call, target) => {
    const rendering = renderingOf(services, call, target.kind);
    const context = contextOf(call);
    const body = await readObject(services, call, target.kind, context);
    checkPlace(target, body);
    const object = await updateObject(services.parts, context, target, { next: () => body });
    sendStored(call, rendering, toStored(target.kind, object), 200);
  },

  patch: async (services, call, target) => {
    const rendering = renderingOf(services, call, target.kind);
    const context = contextOf(call);
    const request = await readPatch(call, target.kind);
    const { created, object } = await patchObject(services.parts, context, target, request);
    sendStored(call, rendering, toStored(target.kind, object), created ? 201 : 200);
  },

  delete: async (services, call, target) => {
    const rendering = renderingOf(services, call, target.kind);
    const request = await readDelete(call);
    const context = { ...contextOf(call), dryRun: request.dryRun };
    const { kind } = target;
    const { gone, object } = await deleteObject(services.parts, context, target, request);
    const { name, uid } = object.metadata;
    if (gone && !(kind.group === '' && RETURNED.has(kind.plural))) {
      setWarnings(call.response, call.warnings);
      sendJson(call.response, 200, success({ name, group: kind.group || undefined, kind: kind.plural, uid }, 200));
    } else sendStored(call, rendering, toStored(kind, object), 200);
  },

  deletecollection: async (services, call, target) => {
    const rendering = renderingOf(services, call, target.kind);
    const request = await readDelete(call);
    const context = { ...contextOf(call), dryRun: request.dryRun };
    const list = await listObjects(services.parts, { ...target, ...listQuery(call.query) });
    for (const { object } of list.entries) {
      const { name, namespace = '' } = object.metadata;
      try {
        await deleteObject(services.parts, context, { ...target, namespace, name }, request);
      } catch (error) {
        if (!(error instanceof ApiError && error.code === 404)) throw error; // Gone already: that was wanted.
      }
    }
    setWarnings(call.response, call.warnings);
    sendBody(call.response, 200, renderList(rendering, list), JSON_TYPE);
  },
};

/** Of the core group: a delete answers with what was there, of other kinds with a Status. */
const RETURNED: ReadonlySet<string> = new Set([
  'persistentvolumeclaims',
  'persistentvolumes',
  'pods',
  'podtemplates',
  'resourcequotas',
  'serviceaccounts',
  'services',
]);

/** POST to bindings names its pod in the body. */
function bindingTarget({ parts }: Services, target: Target, body: ApiObject): Target {
  const kind = parts.kinds.find('', 'v1', 'pods');
  if (!kind) throw unknownResource();
  return { ...target, kind, name: body.metadata.name, subresource: 'binding' };
}

/** ?timeout=4s ends a watch as well. */
function requestTimeout({ query }: Call): number | undefined {
  const match = /^(\d+)(s|m|h)?$/.exec(query.get('timeout') ?? '');
  if (!match || Number(match[1]) === 0) return undefined;
  return Number(match[1]) * ({ s: 1, m: 60, h: 3600 }[match[2]] ?? 1);
}
