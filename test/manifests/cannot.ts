/** What of the public manifests cannot be applied, and why: nothing of it is ours to mend. */
import type { Outcome } from './apply.ts';

export interface Cannot {
  why: string;
  /** undefined: whatever the file. */
  file?: RegExp;
  problem: RegExp;
}

export const CANNOT: readonly Cannot[] = [
  {
    why: 'files of other programs: a configuration of Cassandra, disks of open-local',
    file: /cassandra\.yaml$|open-simulator-demo\/.*\.json$/,
    problem: /^no object: /,
  },
  {
    why: 'what kwok expects its stages to do, as patches without an apiVersion',
    file: /^kwok-stages\/.*\.output\.yaml$/,
    problem: /^no object: /,
  },
  {
    why: 'a template of kwok, with "<Now>" for a time',
    file: /^kwok-stages\/.*\.input\.yaml$/,
    problem: /parsing time "<Now>"/,
  },
  {
    why: 'configuration that a program reads from a file; no API serves it',
    problem: /^no matches for kind "(KubeSchedulerConfiguration|Kustomization)"/,
  },
  {
    why: 'custom resources whose definition is not among the manifests',
    problem: /^no matches for kind "(Stage|Gateway|HTTPRoute|ServiceEntry|VirtualService|ProfileBinding)"/,
  },
  {
    why: 'a ReplicaSet without a selector, refused by every cluster',
    file: /\/rs-calico\.yaml$/,
    problem: /spec\.selector: Required value/,
  },
  {
    why: 'a namespace without a name',
    file: /\/deploy-networktopology-controller\.yaml$/,
    problem: /metadata\.name: Required value/,
  },
  {
    why: 'an example with a mistake in its YAML: a key "redis-cart kind"',
    file: /\/onlineBoutique-appGroup-example\.yaml$/,
    problem: /unknown field ".*redis-cart kind"/,
  },
  {
    why: 'an example for an older form of its definition',
    file: /\/networkTopology-example\.yaml$/,
    problem: /unknown field "spec\.configMapName", unknown field "spec\.weights\[0\]\.costList"/,
  },
];

/** Of something that could not be applied; undefined: nobody foresaw it. */
export function reasonOf({ file, problem = '' }: Outcome): Cannot | undefined {
  return CANNOT.find((cannot) => (cannot.file?.test(file) ?? true) && cannot.problem.test(problem));
}
