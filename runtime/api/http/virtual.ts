/** Kinds whose objects are not in the store: each is asked of the one who has them. */
import type { ApiKind } from '../kinds/kind.ts';
import type { ApiObject } from '../object.ts';
import type { CacheEntry } from '../registry/collection.ts';
import { selectionOf } from '../registry/selectors.ts';
import type { Call, Services, Source } from './call.ts';
import { renderingOf, sendStored } from './exchange.ts';
import { listQuery } from './query.ts';
import { renderList } from './render.ts';
import { JSON_TYPE, sendBody } from './respond.ts';
import { methodNotAllowed, notFound } from './status.ts';

const NOTHING = new Uint8Array();

/** get and list only. */
export async function respondSource(services: Services, call: Call, kind: ApiKind, source: Source): Promise<void> {
  const { info } = call;
  const rendering = renderingOf(services, call, kind);
  const within = (object: ApiObject): boolean =>
    !kind.namespaced || info.namespace === '' || object.metadata.namespace === info.namespace;
  const objects = ([...source()] as ApiObject[]).filter(within);
  if (info.verb === 'get') {
    const object = objects.find(({ metadata }) => metadata.name === info.name);
    if (!object) throw notFound(kind.group, kind.plural, info.name);
    sendStored(call, rendering, object, 200);
    return;
  }
  if (info.verb !== 'list') throw methodNotAllowed();
  const { labelSelector, fieldSelector } = listQuery(call.query);
  const selection = selectionOf(kind, labelSelector, fieldSelector);
  const entries = objects
    .filter((object) => selection.matches(object))
    .map((object): CacheEntry => ({ key: object.metadata.name, object, revision: 0, value: NOTHING }));
  sendBody(call.response, 200, renderList(rendering, { revision: services.parts.cache.revision, entries }), JSON_TYPE);
}
