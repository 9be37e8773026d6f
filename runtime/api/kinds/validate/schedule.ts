/**
 * When a CronJob starts: five fields or a descriptor, in a time zone that is known.
 * Source: Kubernetes v1.36, pkg/apis/batch/validation/validation.go; robfig/cron v3, parser.go (ParseStandard).
 */
import { Cron } from 'croner';
import { type PlainObject, textAt } from '../../../../core/objects/index.ts';
import type { Cause } from '../kind.ts';
import { invalid } from './causes.ts';

const DESCRIPTORS = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);
/** A duration as Go writes it. */
const EVERY = /^@every (\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/;
const NUMBERS = /^[\d*,/?-]+$/;
const NUMBERS_AND_NAMES = /^[\da-z*,/?-]+$/i;

export function scheduleCauses(spec: PlainObject): Cause[] {
  const causes: Cause[] = [];
  const schedule = textAt(spec, 'schedule') ?? '';
  const zone = textAt(spec, 'timeZone');
  const wrong = scheduleProblem(schedule);
  if (wrong !== undefined) causes.push(invalid('spec.schedule', schedule, wrong));
  if (zone !== undefined && !isTimeZone(zone)) causes.push(invalid('spec.timeZone', zone, `unknown time zone ${zone}`));
  return causes;
}

function scheduleProblem(schedule: string): string | undefined {
  // That there is one at all is said elsewhere.
  if (schedule === '') return undefined;
  if (schedule.includes('TZ')) return 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
  if (schedule.startsWith('@')) {
    return DESCRIPTORS.has(schedule) || EVERY.test(schedule) ? undefined : `unrecognized descriptor: ${schedule}`;
  }
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== 5) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`;
  const odd = fields.find((field, i) => !(i < 3 ? NUMBERS : NUMBERS_AND_NAMES).test(field));
  if (odd !== undefined) return `failed to parse ${odd}`;
  try {
    new Cron(fields.join(' '), { paused: true });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isTimeZone(name: string): boolean {
  if (name === '' || /^local$/i.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
