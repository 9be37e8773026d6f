/** One look of a controller, with what it has observed given as a list: what it writes, and how it ends. */
import {
  type Action,
  type ActionOutcome,
  type Controller,
  type Refusal,
  RefusedError,
  type Rest,
} from '../../core/controllers/controller.ts';
import { type ResourceRef, resourceKey } from '../../core/controllers/resources.ts';
import { type KubeObject, keyOf } from '../../core/objects/types.ts';
import { Cache } from './controlled-world.ts';

export type Seen = readonly (readonly [ResourceRef, KubeObject])[];

export interface Looked {
  /** All but events. */
  writes: Exclude<Action, { type: 'event' }>[];
  /** Reasons. */
  events: string[];
  rest?: Rest;
  refused?: Refusal;
}

export interface LookOptions {
  nowMs: number;
  /** Why an action is refused; without a word it goes well. */
  refuse?(action: Action): Refusal | undefined;
}

/** @param observed everything is told to the controller first, as if it were new. */
export function look(controller: Controller, key: string, observed: Seen, options: LookOptions): Looked {
  const cache = cacheOf(observed);
  tell(controller, observed, cache);
  return lookAgain(controller, key, cache, options);
}

export function cacheOf(observed: Seen): Cache {
  const cache = new Cache([]);
  for (const [resource, object] of observed) cache.of(resource).set(keyOf(object), object);
  return cache;
}

/** @returns the keys that are to be looked at. */
export function tell(controller: Controller, observed: Seen, cache: Cache, old?: KubeObject): Set<string> {
  const keys = new Set<string>();
  for (const [resource, object] of observed) {
    for (const watch of controller.watches) {
      if (resourceKey(watch.resource) !== resourceKey(resource)) continue;
      for (const key of watch.keys({ object, old, gone: false }, cache)) keys.add(key);
    }
  }
  return keys;
}

export function lookAgain(controller: Controller, key: string, cache: Cache, { nowMs, refuse }: LookOptions): Looked {
  const looked: Looked = { writes: [], events: [] };
  const sync = controller.sync(key, { observed: cache, nowMs });
  const carryOut = (action: Action): ActionOutcome => {
    if (action.type === 'event') {
      looked.events.push(action.reason);
      return {};
    }
    looked.writes.push(action);
    const refusal = refuse?.(action);
    if (refusal) return { refusal };
    if (action.type === 'create' || action.type === 'update') return { object: action.object };
    const object = action.type === 'list' ? undefined : cache.get(action.resource, action.namespace, action.name);
    return object ? { object } : {};
  };
  try {
    let step = sync.next();
    while (!step.done) step = sync.next(step.value.map(carryOut));
    looked.rest = step.value;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    looked.refused = error.refusal;
  }
  return looked;
}

export const NO: Refusal = { code: 403, reason: 'Forbidden', message: 'exceeded quota', causes: [] };
