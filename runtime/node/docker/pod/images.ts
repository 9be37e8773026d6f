/** Whether an image is there, and what is said while it is not. Source: Kubernetes v1.36, pkg/kubelet/images/image_manager.go. */
import type { V1Container } from '@kubernetes/client-node';
import type { Engine, ImageFacts } from '../engine/engine.ts';
import { EngineGone } from '../engine/engine.ts';
import { repositoryOf } from '../spec/image-name.ts';
import { SpecProblem } from '../spec/lookups.ts';
import { loginsFor, type PullSecrets } from '../spec/pull-secrets.ts';
import type { BackOff } from './back-off.ts';

export interface PullParts {
  engine: Engine;
  pulls: Pulls;
  now(): number;
  secrets: PullSecrets;
  tell(type: 'Normal' | 'Warning', reason: string, message: string): void;
}

/** What a pod remembers of its pulls, by image. */
export interface Pulls {
  backOff: BackOff;
  /** What the last pull failed with. */
  failures: Map<string, string>;
}

/** @throws SpecProblem with a waiting reason: InvalidImageName, ErrImageInspect, ErrImageNeverPull, ErrImagePull, ImagePullBackOff. */
export async function ensureImage(container: V1Container, parts: PullParts): Promise<ImageFacts> {
  const { engine, tell } = parts;
  const name = container.image ?? '';
  const policy = container.imagePullPolicy ?? 'IfNotPresent';
  const refuse = (reason: string, event: string, message: string): never => {
    tell('Warning', event, message);
    throw new SpecProblem(reason, message);
  };
  const repository = repositoryIn(name, refuse);
  if (policy === 'Always') return pull(name, repository, parts);
  const there = await engine.image(name).catch((error: unknown) => {
    if (error instanceof EngineGone) throw error;
    return refuse('ErrImageInspect', 'InspectFailed', `Failed to inspect image "${name}": ${wordsOf(error)}`);
  });
  if (there) {
    tell('Normal', 'Pulled', `Container image "${name}" already present on machine`);
    return there;
  }
  if (policy === 'Never') {
    refuse(
      'ErrImageNeverPull',
      'ErrImageNeverPull',
      `Container image "${name}" is not present with pull policy of Never`,
    );
  }
  return pull(name, repository, parts);
}

function repositoryIn(image: string, refuse: (reason: string, event: string, message: string) => never): string {
  try {
    return repositoryOf(image);
  } catch (error) {
    const why = `couldn't parse image name "${image}": ${wordsOf(error)}`;
    return refuse('InvalidImageName', 'InspectFailed', `Failed to apply default image tag "${image}": ${why}`);
  }
}

async function pull(name: string, repository: string, parts: PullParts): Promise<ImageFacts> {
  const { engine, pulls, now, secrets, tell } = parts;
  if (pulls.backOff.until(name) !== undefined) {
    const message = `Back-off pulling image "${name}"`;
    tell('Normal', 'BackOff', message);
    const before = pulls.failures.get(name);
    throw new SpecProblem('ImagePullBackOff', before === undefined ? message : `${message}: ErrImagePull: ${before}`);
  }
  if (secrets.missing.length > 0) tell('Warning', 'FailedToRetrieveImagePullSecret', missingText(secrets.missing));
  tell('Normal', 'Pulling', `Pulling image "${name}"`);
  const began = now();
  const failed = (why: string): never => {
    tell('Warning', 'Failed', `Failed to pull image "${name}": ${why}`);
    pulls.backOff.next(name, now());
    pulls.failures.set(name, why);
    throw new SpecProblem('ErrImagePull', why);
  };
  await pullWithAny(engine, name, repository, secrets, failed);
  const pulled = (await engine.image(name)) ?? failed(`image "${name}" was pulled and is not there`);
  pulls.failures.delete(name);
  const took = `${((now() - began) / 1000).toFixed(3)}s`;
  const size = `Image size: ${pulled.sizeBytes} bytes.`;
  tell('Normal', 'Pulled', `Successfully pulled image "${name}" in ${took} (${took} including waiting). ${size}`);
  return pulled;
}

/** With the first login that is taken; without one where there is none. */
async function pullWithAny(
  engine: Engine,
  name: string,
  repository: string,
  { logins }: PullSecrets,
  failed: (why: string) => never,
): Promise<void> {
  const found = loginsFor(repository, logins);
  const failures = new Set<string>();
  for (const login of found.length > 0 ? found : [undefined]) {
    try {
      await engine.pull(name, login);
      return;
    } catch (error) {
      if (error instanceof EngineGone) throw error;
      failures.add(wordsOf(error));
    }
  }
  failed(failures.size === 1 ? [...failures][0] : `[${[...failures].join(', ')}]`);
}

function missingText(names: readonly string[]): string {
  const effect = 'attempting to pull the image may not succeed.';
  return `Unable to retrieve some image pull secrets (${names.join(', ')}); ${effect}`;
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
