/** Requests for a part of an object, or for something that is done to it. */
import { scaleColumns } from '../kinds/columns/workloads.ts';
import { type ApiObject, isMap } from '../object.ts';
import { checked } from '../registry/check.ts';
import { checkPlace } from '../registry/create.ts';
import type { Target } from '../registry/parts.ts';
import { toStored } from '../registry/parts.ts';
import { current, patched, patchObject } from '../registry/patch.ts';
import { bindPod } from '../registry/subresources/binding.ts';
import { evictPod } from '../registry/subresources/eviction.ts';
import { PARTS_OF_OBJECT, type TakePart } from '../registry/subresources/parts-of-object.ts';
import { getScale, patchScale, updateScale } from '../registry/subresources/scale.ts';
import { updateObject } from '../registry/update.ts';
import { decodeBody } from '../schema/decode/body.ts';
import { readBody } from './body.ts';
import type { Call, Services } from './call.ts';
import { deleteQuery } from './delete-options.ts';
import { contextOf, readObject, readPatch, renderingOf, sendStored } from './exchange.ts';
import { renderObject } from './render.ts';
import { sendJson, setWarnings } from './respond.ts';
import { badRequest, methodNotAllowed, success, unknownResource } from './status.ts';

/** @param body of a request whose body was read already. */
export async function answerSubresource(
  services: Services,
  call: Call,
  target: Target,
  body?: ApiObject,
): Promise<void> {
  const { kind, subresource } = target;
  const row = kind.subresources.find(({ name }) => name === subresource);
  if (!row) throw unknownResource();
  // A proxy passes every method on.
  const passed = subresource === 'proxy';
  if (!row.verbs.includes(call.info.verb) && !body && !passed) throw methodNotAllowed();
  const path = `${kind.plural}/${subresource}`;
  const stream = kind.group === '' ? services.connect.get(path) : undefined;
  if (stream?.respond) {
    const name = stream.nameOf?.(target.name) ?? target.name;
    return stream.respond(call, current(services.parts, { ...target, name }));
  }
  if (subresource === 'scale') return answerScale(services, call, target);
  if (subresource === 'status' || subresource === 'approval') return answerPart(services, call, target);
  const part = kind.group === '' ? PARTS_OF_OBJECT[path] : undefined;
  if (part) return answerPart(services, call, target, part);
  switch (path) {
    case 'pods/binding':
      return answerBinding(services, call, target, body);
    case 'pods/eviction':
      return answerEviction(services, call, target);
    case 'serviceaccounts/token':
      return answerToken(services, call, target);
    default:
      throw unknownResource();
  }
}

/** get, update and patch of the status, or of what `part` takes. */
async function answerPart(services: Services, call: Call, target: Target, part?: TakePart): Promise<void> {
  const { parts } = services;
  const { kind } = target;
  const rendering = renderingOf(services, call, kind);
  if (call.info.verb === 'get') {
    await parts.cache.fresh();
    sendStored(call, rendering, toStored(kind, current(parts, target)), 200);
    return;
  }
  const context = contextOf(call);
  const take: TakePart = part ?? ((next) => next);
  if (call.info.verb === 'update') {
    const body = await readObject(services, call, kind, context);
    checkPlace(target, body);
    const object = await updateObject(parts, context, target, { next: (old) => take(body, old) });
    sendStored(call, rendering, toStored(kind, object), 200);
    return;
  }
  const request = await readPatch(call, kind);
  const options = { ...context, duplicates: request.duplicates, patch: request.body };
  const object =
    part && request.type !== 'apply'
      ? await updateObject(parts, context, target, {
          next: (old) => part(checked(parts, options, kind, patched(parts, old, request)), old),
        })
      : (await patchObject(parts, context, target, request)).object;
  sendStored(call, rendering, toStored(kind, object), 200);
}

async function answerScale(services: Services, call: Call, target: Target): Promise<void> {
  const { parts } = services;
  if (call.info.verb === 'get') {
    await parts.cache.fresh();
    sendScale(services, call, target, getScale(parts, target));
    return;
  }
  const context = contextOf(call);
  let scale: ApiObject;
  if (call.info.verb === 'update') {
    const wanted = await readObjectOf(services, call, 'autoscaling/v1', 'Scale', target);
    if (!isMap(wanted.spec)) throw badRequest('the body is no Scale of autoscaling/v1');
    scale = await updateScale(parts, context, target, () => wanted);
  } else scale = await patchScale(parts, context, target, await readPatch(call, target.kind));
  sendScale(services, call, target, scale);
}

function sendScale(services: Services, call: Call, { kind }: Target, scale: ApiObject): void {
  setWarnings(call.response, call.warnings);
  const rendering = renderingOf(services, call, kind);
  const keeper = { ...kind, columns: scaleColumns };
  const isTable = rendering.accepted.form === 'table';
  sendJson(call.response, 200, isTable ? renderObject({ ...rendering, keeper }, scale) : scale);
}

async function answerBinding(services: Services, call: Call, target: Target, given?: ApiObject): Promise<void> {
  const context = contextOf(call);
  const binding = given ?? (await readObjectOf(services, call, 'v1', 'Binding', target));
  await bindPod(services.parts, context, target, binding);
  sendJson(call.response, 201, success(undefined, 201));
}

async function answerEviction(services: Services, call: Call, target: Target): Promise<void> {
  const context = contextOf(call);
  const eviction = await readObjectOf(services, call, 'policy/v1', 'Eviction', target);
  const { dryRun, ...options } = deleteQuery(eviction.deleteOptions ?? {}, call.query);
  await evictPod(services.parts, { ...context, dryRun: dryRun || context.dryRun }, target, options);
  sendJson(call.response, 201, success(undefined, 201));
}

async function answerToken(services: Services, call: Call, target: Target): Promise<void> {
  const answer = services.answers.get('/serviceaccounts/token');
  if (!answer) throw unknownResource();
  const body = await readObjectOf(services, call, 'authentication.k8s.io/v1', 'TokenRequest', target);
  sendJson(call.response, 201, await answer(body, call));
}

/** A body of another kind than the target's, as the subresource takes it; its name may be left out. */
async function readObjectOf(
  services: Services,
  call: Call,
  apiVersion: string,
  kind: string,
  target: Target,
): Promise<ApiObject> {
  const bytes = await readBody(call.request);
  const { value } = decodeBody(bytes, call.request.headers['content-type']);
  if (!isMap(value)) throw badRequest(`the body is no ${kind}`);
  if (value.kind !== undefined && value.kind !== '' && value.kind !== kind) {
    throw badRequest(`the body is a ${JSON.stringify(value.kind)}, and a ${kind} is expected`);
  }
  const { object, mistyped } = services.parts.schemas.checkObject(apiVersion, kind, {
    ...value,
    apiVersion,
    kind,
    metadata: value.metadata ?? {},
  });
  if (mistyped.length > 0) throw badRequest(mistyped.map(({ message }) => message).join(', '));
  checkPlace({ ...target, kind: { ...target.kind, namespaced: true } }, object as ApiObject);
  return object as ApiObject;
}
