/** What an event has to say, in its old form, in its new one, and when events.k8s.io is asked to make it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PlainObject } from '../../../../core/objects/index.ts';
import { eventCauses, newEventCauses } from '../../../../runtime/api/kinds/validate/event.ts';

const about = (own: string, other?: string): PlainObject => ({
  metadata: { name: 'e', namespace: own },
  involvedObject: other === undefined ? {} : { namespace: other },
});
const fresh: PlainObject = {
  ...about('a', 'a'),
  eventTime: '2026-01-02T03:04:05.000000Z',
  reportingComponent: 'example.com/controller',
  reportingInstance: 'one',
  action: 'Do',
  reason: 'Test',
  type: 'Normal',
};
const long = (length: number): string => 'x'.repeat(length);

const cases: { name: string; event: PlainObject; fields: string[] }[] = [
  { name: 'an old event stands beside what it is about', event: about('a', 'a'), fields: [] },
  { name: 'an old event elsewhere is refused', event: about('a', 'b'), fields: ['involvedObject.namespace'] },
  { name: 'an old event about no namespace stands in default', event: about('default'), fields: [] },
  { name: 'and in no other', event: about('a'), fields: ['involvedObject.namespace'] },
  { name: 'a new event that says all', event: fresh, fields: [] },
  { name: 'a new event may be about another namespace', event: { ...fresh, ...about('a', 'b') }, fields: [] },
  {
    name: 'a new event about no namespace stands in kube-system',
    event: { ...fresh, ...about('kube-system') },
    fields: [],
  },
  { name: 'and not just anywhere', event: { ...fresh, ...about('a') }, fields: ['involvedObject.namespace'] },
  {
    name: 'a new event says who, what and why',
    event: { ...about('a', 'a'), eventTime: fresh.eventTime },
    fields: ['reportingController', 'reportingInstance', 'action', 'reason'],
  },
  {
    name: 'a reporter has a qualified name',
    event: { ...fresh, reportingComponent: 'a b' },
    fields: ['reportingController'],
  },
  { name: '128 characters of a reason', event: { ...fresh, reason: long(128) }, fields: [] },
  { name: 'one more is too many', event: { ...fresh, reason: long(129) }, fields: ['reason'] },
  { name: '1024 characters of a note', event: { ...fresh, message: long(1024) }, fields: [] },
  { name: 'one more is too many of a note', event: { ...fresh, message: long(1025) }, fields: ['message'] },
];
for (const { name, event, fields } of cases) {
  test(`event: ${name}`, () =>
    assert.equal(
      eventCauses(event).map(({ field }) => field),
      fields,
    ));
}

const made: { name: string; event: PlainObject; fields: string[] }[] = [
  { name: 'says all', event: fresh, fields: [] },
  { name: 'says when and of which type', event: about('a', 'a'), fields: ['eventTime', 'type'] },
  {
    name: 'has nothing of the old form',
    event: { ...fresh, firstTimestamp: 'x', lastTimestamp: 'x', count: 1, source: { host: 'h' } },
    fields: ['firstTimestamp', 'lastTimestamp', 'count', 'source'],
  },
  { name: 'is a series from two on', event: { ...fresh, series: { count: 2, lastObservedTime: 'x' } }, fields: [] },
  {
    name: 'is none before',
    event: { ...fresh, series: { count: 1 } },
    fields: ['series.count', 'series.lastObservedTime'],
  },
];
for (const { name, event, fields } of made) {
  test(`an event that events.k8s.io makes ${name}`, () =>
    assert.equal(
      newEventCauses(event).map(({ field }) => field),
      fields,
    ));
}

test.run();
