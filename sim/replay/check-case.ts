/** The frame that the replay relies on: what is malformed is a problem with its path. Rules of the API are not asked. */
import type { Problem } from '../../core/index.ts';
import { quantityProblems } from './quantities.ts';

/** Of any object's name, as for a DNS subdomain. */
const MAX_NAME = 253;

export type Wrong = Pick<Problem, 'path' | 'message'>;
export type Fields = Record<string, unknown>;

/** Checks the frame that the replay relies on; what is inside the objects is checked where it is read. */
export function checkCase({ id, suite, config, objects, pod, steps }: Fields, problems: Wrong[]): void {
  if (typeof id !== 'string') problems.push({ path: 'id', message: 'must be a string' });
  if (suite !== undefined && typeof suite !== 'string') problems.push({ path: 'suite', message: 'must be a string' });
  if (config !== undefined && config !== null && !isRecord(config)) {
    problems.push({ path: 'config', message: 'must be an object' });
  }
  checkEach(objects, 'objects', problems, checkObject);
  if (steps === undefined) checkObject(pod, 'pod', problems, 'Pod');
  else checkEach(steps, 'steps', problems, checkStep);
}

type Check = (item: unknown, path: string, problems: Wrong[]) => void;

function checkEach(list: unknown, path: string, problems: Wrong[], check: Check): void {
  if (!Array.isArray(list)) {
    problems.push({ path, message: 'must be a list' });
    return;
  }
  for (const [i, item] of list.entries()) check(item, `${path}[${i}]`, problems);
}

function checkStep(step: unknown, path: string, problems: Wrong[]): void {
  const { op, pod, node, name, namespace } = isRecord(step) ? step : {};
  if (op === 'pod') checkObject(pod, `${path}.pod`, problems, 'Pod');
  else if (op === 'nodeAdd' || op === 'nodeUpdate') checkObject(node, `${path}.node`, problems, 'Node');
  else if (op === 'nodeDelete' || op === 'podDelete') {
    if (typeof name !== 'string') problems.push({ path: `${path}.name`, message: 'must be a string' });
    if (op === 'podDelete' && typeof namespace !== 'string') {
      problems.push({ path: `${path}.namespace`, message: 'must be a string' });
    }
  } else problems.push({ path: `${path}.op`, message: 'must be pod, podDelete, nodeAdd, nodeUpdate or nodeDelete' });
}

/** @param wanted the only kind that will do. */
function checkObject(object: unknown, path: string, problems: Wrong[], wanted?: string): void {
  if (!isRecord(object)) {
    problems.push({ path, message: 'must be an object' });
    return;
  }
  const { kind, metadata, spec } = object;
  if (typeof kind !== 'string' || (wanted !== undefined && kind !== wanted)) {
    problems.push({ path: `${path}.kind`, message: wanted ? `must be ${wanted}` : 'must be a string' });
  }
  if (!isRecord(metadata) || typeof metadata.name !== 'string') {
    problems.push({ path: `${path}.metadata.name`, message: 'must be a string' });
  } else if (metadata.name.length > MAX_NAME) {
    problems.push({
      path: `${path}.metadata.name`,
      message: `has ${metadata.name.length} characters, more than ${MAX_NAME}`,
    });
  }
  if (kind !== 'Pod' && kind !== 'Node') return;
  for (const [field, message] of quantityProblems(object)) problems.push({ path: `${path}.${field}`, message });
  if (kind !== 'Pod') return;
  if (!isRecord(spec)) problems.push({ path: `${path}.spec`, message: 'must be an object' });
  else if (!Array.isArray(spec.containers)) {
    problems.push({ path: `${path}.spec.containers`, message: 'must be a list' });
  }
}

export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
