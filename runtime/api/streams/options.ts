/** The queries of exec, attach and log, checked. Source: Kubernetes v1.36, pkg/registry/core/pod/rest, pkg/apis/core/validation (ValidatePodLogOptions). */
import type { KubeObject } from '../../../core/index.ts';
import { listAt, objectAt, type PlainObject, textAt } from '../../../core/objects/index.ts';
import type { LogOptions } from '../../node/pod-streams.ts';
import { badRequest, invalid, type StatusCause } from '../http/status.ts';
import type { CommandChannels } from './remote-command.ts';

/** As Go's url.Values read a bool: present and neither 'false' nor '0'. */
function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== 'false' && value !== '0';
}

export function commandChannels(query: URLSearchParams): CommandChannels {
  const tty = flag(query, 'tty');
  const channels = {
    stdin: flag(query, 'stdin'),
    stdout: flag(query, 'stdout'),
    stderr: flag(query, 'stderr') && !tty,
    tty,
  };
  if (!channels.stdin && !channels.stdout && !channels.stderr) {
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  }
  return channels;
}

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

/** Every container a pod names, in the order messages list them. */
function containersOf(pod: KubeObject): { main: string[]; others: string[] } {
  const spec = objectAt(pod as unknown as PlainObject, 'spec') ?? {};
  const names = (field: string): string[] => listAt(spec, field).map((one) => textAt(one, 'name') ?? '');
  return { main: names('containers'), others: [...names('initContainers'), ...names('ephemeralContainers')] };
}

/** The container that was asked for, or the only one. @throws ApiError 400 when it is not there or must be named. */
export function chooseContainer(pod: KubeObject, asked: string | null): string {
  const { main, others } = containersOf(pod);
  const { name } = pod.metadata;
  if (asked) {
    if (main.includes(asked) || others.includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  if (main.length === 1) return main[0];
  const marked = pod.metadata.annotations?.[DEFAULT_CONTAINER];
  if (marked && main.includes(marked)) return marked;
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${main.join(' ')}]`);
}

/** @throws ApiError 422 with every cause. */
export function logOptions(pod: KubeObject, query: URLSearchParams, nowMs: number): LogOptions {
  const causes: StatusCause[] = [];
  const count = (field: string, least: number): number | undefined => {
    const text = query.get(field);
    if (text === null || text === '') return undefined;
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= least) return value;
    const detail = `must be greater than ${least === 0 ? 'or equal to 0' : least - 1}`;
    causes.push({ reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(text)}: ${detail}` });
    return undefined;
  };
  const tailLines = count('tailLines', 0);
  const limitBytes = count('limitBytes', 1);
  const sinceSeconds = count('sinceSeconds', 1);
  const sinceTime = query.get('sinceTime');
  const sinceTimeMs = sinceTime ? Date.parse(sinceTime) : undefined;
  if (sinceTime && sinceSeconds !== undefined) {
    causes.push({
      reason: 'FieldValueForbidden',
      field: 'sinceSeconds',
      message: 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
    });
  }
  if (Number.isNaN(sinceTimeMs)) {
    causes.push({
      reason: 'FieldValueInvalid',
      field: 'sinceTime',
      message: `Invalid value: ${JSON.stringify(sinceTime)}: must be an RFC 3339 time`,
    });
  }
  if (causes.length > 0) throw invalid('', 'PodLogOptions', pod.metadata.name, causes);
  return {
    container: chooseContainer(pod, query.get('container')),
    follow: flag(query, 'follow'),
    previous: flag(query, 'previous'),
    timestamps: flag(query, 'timestamps'),
    tailLines,
    limitBytes,
    sinceMs: sinceTimeMs ?? (sinceSeconds === undefined ? undefined : nowMs - sinceSeconds * 1000),
  };
}

/** A pod that no node runs yet cannot be spoken to. */
export function requireNode(pod: KubeObject): void {
  const spec = objectAt(pod as unknown as PlainObject, 'spec') ?? {};
  if (!textAt(spec, 'nodeName')) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
}
