/** Pods and observed containers, short to write. */
import type { V1Container, V1Pod } from '@kubernetes/client-node';
import { type Observed, SANDBOX } from '../../../../runtime/node/docker/engine/engine.ts';
import type { Lookups } from '../../../../runtime/node/docker/spec/lookups.ts';

export function samplePod(
  spec: Partial<V1Pod['spec']> & { containers?: Partial<V1Container>[] } = {},
  status: object = {},
): V1Pod {
  const containers = (spec?.containers ?? [{ name: 'a' }]).map((one) => ({ image: 'image:1', ...one }));
  return {
    metadata: { name: 'p', namespace: 'default', uid: 'u-1' },
    spec: { restartPolicy: 'Always', ...spec, containers: containers as V1Container[] },
    status,
  };
}

/** 'a#1 exited 3': container a, second attempt, ended with code 3. The sandbox is 'POD#0 running'. */
export function seen(...texts: string[]): Observed[] {
  return texts.map((text) => {
    const [, container, attempt, state, code] = /^(\w+)#(\d+) (\w+) ?(\d*)$/.exec(text) ?? [];
    return {
      id: `${container}#${attempt}`,
      podUid: 'u-1',
      podName: 'p',
      podNamespace: 'default',
      container,
      attempt: Number(attempt),
      sandbox: container === SANDBOX ? `${container}#${attempt}` : `${SANDBOX}#0`,
      image: 'image:1',
      imageId: 'sha256:1',
      state: state as Observed['state'],
      exitCode: Number(code || 0),
      oomKilled: false,
      error: '',
      startedMs: 1000,
      finishedMs: state === 'exited' ? 2000 : 0,
      ip: container === SANDBOX ? '172.17.0.2' : '',
      messageFile: '',
    };
  });
}

export function lookups(more: Partial<Lookups> = {}): Lookups {
  return {
    configMap: () => undefined,
    secret: () => undefined,
    services: () => [],
    nodeName: 'n',
    hostIP: '10.0.0.1',
    podIP: '172.17.0.2',
    allocatable: { cpu: '2', memory: '1Gi' },
    ...more,
  };
}
