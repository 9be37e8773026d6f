/**
 * Events, as either group keeps them: with an eventTime they say who reported what was done, without one they are of the
 * old form. Source: Kubernetes v1.36, pkg/apis/core/validation/events.go.
 */
import { numberAt, objectAt, type PlainObject, qualifiedName, textAt } from '../../../../core/objects/index.ts';
import type { Cause } from '../kind.ts';
import { invalid, required } from './causes.ts';

const NAME_LIMIT = 128;
const NOTE_LIMIT = 1024;
const ELSEWHERE = 'does not match event.namespace';

/** @param event in the form of core/v1 */
export function eventCauses(event: PlainObject): Cause[] {
  const own = textAt(objectAt(event, 'metadata') ?? {}, 'namespace') ?? '';
  const about = textAt(objectAt(event, 'involvedObject') ?? {}, 'namespace') ?? '';
  const at = 'involvedObject.namespace';
  if (!event.eventTime) {
    const fits = about === '' ? own === '' || own === 'default' : own === about;
    return fits ? [] : [invalid(at, about, ELSEWHERE)];
  }
  const causes: Cause[] = [];
  if (about === '' && own !== 'default' && own !== 'kube-system') causes.push(invalid(at, about, ELSEWHERE));
  const reporter = textAt(event, 'reportingComponent') ?? '';
  if (reporter === '') causes.push(required('reportingController'));
  const strange = qualifiedName(reporter);
  if (strange !== undefined && reporter !== '') causes.push(invalid('reportingController', reporter, strange));
  for (const field of ['reportingInstance', 'action', 'reason']) {
    const text = textAt(event, field) ?? '';
    if (text === '') causes.push(required(field));
    else if (text.length > NAME_LIMIT) causes.push(invalid(field, '', `can have at most ${NAME_LIMIT} characters`));
  }
  const { length } = textAt(event, 'message') ?? '';
  if (length > NOTE_LIMIT) causes.push(invalid('message', '', `can have at most ${NOTE_LIMIT} characters`));
  return causes;
}

/** What events.k8s.io asks of an event that is created, beyond the above. @param event in the form of core/v1 */
export function newEventCauses(event: PlainObject): Cause[] {
  const causes: Cause[] = [];
  if (!event.eventTime) causes.push(required('eventTime'));
  const type = textAt(event, 'type') ?? '';
  if (type !== 'Normal' && type !== 'Warning') causes.push(invalid('type', '', `has invalid value: ${type}`));
  for (const field of ['firstTimestamp', 'lastTimestamp']) {
    if (event[field]) causes.push(invalid(field, '', 'needs to be unset'));
  }
  if ((numberAt(event, 'count') ?? 0) !== 0) causes.push(invalid('count', '', 'needs to be unset'));
  const source = objectAt(event, 'source') ?? {};
  if (textAt(source, 'component') || textAt(source, 'host')) causes.push(invalid('source', '', 'needs to be unset'));
  const series = objectAt(event, 'series');
  if (series && (numberAt(series, 'count') ?? 0) < 2) causes.push(invalid('series.count', '', 'should be at least 2'));
  if (series && !series.lastObservedTime) causes.push(required('series.lastObservedTime'));
  return causes;
}
