/** Whether an image is there, and what is said while it is not. Source: Kubernetes v1.36, pkg/kubelet/images/image_manager.go. */
import type { V1Container } from '@kubernetes/client-node';
import type { Engine, ImageFacts, RegistryLogin } from '../engine/engine.ts';
import { EngineGone } from '../engine/engine.ts';
import { SpecProblem } from '../spec/lookups.ts';
import type { BackOff } from './back-off.ts';

export interface PullParts {
  engine: Engine;
  backOff: BackOff;
  now(): number;
  logins: readonly RegistryLogin[];
  tell(type: 'Normal' | 'Warning', reason: string, message: string): void;
}

/** @throws SpecProblem with a waiting reason: ErrImageNeverPull, ErrImagePull, ImagePullBackOff. */
export async function ensureImage(container: V1Container, key: string, parts: PullParts): Promise<ImageFacts> {
  const { engine, backOff, now, tell } = parts;
  const name = container.image ?? '';
  const policy = container.imagePullPolicy ?? 'IfNotPresent';
  const there = await engine.image(name);
  if (there && policy !== 'Always') {
    tell('Normal', 'Pulled', `Container image "${name}" already present on machine`);
    return there;
  }
  if (policy === 'Never') {
    const message = `Container image "${name}" is not present with pull policy of Never`;
    tell('Warning', 'ErrImageNeverPull', message);
    throw new SpecProblem('ErrImageNeverPull', message);
  }
  if (backOff.until(key) !== undefined) {
    const message = `Back-off pulling image "${name}"`;
    tell('Normal', 'BackOff', message);
    throw new SpecProblem('ImagePullBackOff', message);
  }
  tell('Normal', 'Pulling', `Pulling image "${name}"`);
  const began = now();
  try {
    await engine.pull(name, loginFor(name, parts.logins));
  } catch (error) {
    if (error instanceof EngineGone) throw error;
    const why = error instanceof Error ? error.message : String(error);
    tell('Warning', 'Failed', `Failed to pull image "${name}": ${why}`);
    backOff.next(key, now());
    throw new SpecProblem('ErrImagePull', why);
  }
  const pulled = await engine.image(name);
  if (!pulled) throw new SpecProblem('ErrImagePull', `image "${name}" was pulled and is not there`);
  backOff.forget(key);
  const took = `${((now() - began) / 1000).toFixed(3)}s`;
  const size = `Image size: ${pulled.sizeBytes} bytes.`;
  tell('Normal', 'Pulled', `Successfully pulled image "${name}" in ${took} (${took} including waiting). ${size}`);
  return pulled;
}

/** 'registry.example:5000/team/web:1' → the login of that registry. */
function loginFor(image: string, logins: readonly RegistryLogin[]): RegistryLogin | undefined {
  const [first] = image.split('/');
  const host = image.includes('/') && /[.:]|^localhost$/.test(first) ? first : 'docker.io';
  return logins.find(({ serveraddress }) => {
    const bare = serveraddress.replace(/^https?:\/\//, '').split('/')[0];
    return bare === host || (host === 'docker.io' && bare === 'index.docker.io');
  });
}
