/**
 * Event events.k8s.io/v1 ↔ the stored core/v1. The same fields under other names.
 * Source: Kubernetes v1.36, pkg/apis/events/v1/conversion.go and zz_generated.conversion.go.
 */
import type { ApiObject } from '../../object.ts';
import type { ApiKind } from '../kind.ts';

/** events.k8s.io name → core name. */
const NAMES: readonly (readonly [string, string])[] = [
  ['note', 'message'],
  ['regarding', 'involvedObject'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
];

export const EVENT_OF_EVENTS: NonNullable<ApiKind['storage']> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  toStorage: (object) => renamed(object as ApiObject, 'v1', new Map(NAMES)),
  fromStorage: (object) =>
    renamed(object as ApiObject, 'events.k8s.io/v1', new Map(NAMES.map(([events, core]) => [core, events]))),
};

function renamed(source: ApiObject, apiVersion: string, names: ReadonlyMap<string, string>): ApiObject {
  const next: ApiObject = { apiVersion, kind: source.kind, metadata: source.metadata };
  for (const [field, value] of Object.entries(source)) {
    if (field !== 'apiVersion' && field !== 'kind' && field !== 'metadata') next[names.get(field) ?? field] = value;
  }
  return next;
}
