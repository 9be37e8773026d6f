/** A pod of a Job, with the finalizer by which it is counted and, of an Indexed one, its index. Source: Kubernetes v1.36, pkg/controller/job/{job_controller,indexed_job_utils}.go. */
import type { Container, Pod } from '../../objects/types.ts';
import { podOf } from '../replica-set/pod-of.ts';
import { INDEX_KEY } from './indexes.ts';
import { type Job, TRACKING_FINALIZER } from './job-kind.ts';

const INDEX_VARIABLE = {
  name: 'JOB_COMPLETION_INDEX',
  valueFrom: { fieldRef: { fieldPath: `metadata.labels['${INDEX_KEY}']` } },
};

/** @param index undefined where the Job is not Indexed. */
export function podOfJob(job: Job, index: number | undefined): Pod {
  const pod = podOf(job, job.spec.template);
  const finalizers = [...(pod.metadata.finalizers ?? []), TRACKING_FINALIZER];
  if (index === undefined) return { ...pod, metadata: { ...pod.metadata, finalizers } };
  const { name } = job.metadata;
  const metadata = {
    ...pod.metadata,
    finalizers,
    generateName: `${name}-${index}-`,
    annotations: { ...pod.metadata.annotations, [INDEX_KEY]: String(index) },
    labels: { ...pod.metadata.labels, [INDEX_KEY]: String(index) },
  };
  const { containers, initContainers } = pod.spec;
  const spec = {
    ...pod.spec,
    hostname: `${name}-${index}`,
    containers: (containers ?? []).map(withIndex),
    ...(initContainers && { initContainers: initContainers.map(withIndex) }),
  };
  return { ...pod, metadata, spec };
}

/** Unless the author has a variable of that name. */
function withIndex(container: Container): Container {
  const env = (container.env ?? []) as { name: string }[];
  return env.some(({ name }) => name === INDEX_VARIABLE.name)
    ? container
    : { ...container, env: [...env, INDEX_VARIABLE] };
}
