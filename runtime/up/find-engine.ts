/** Where a Docker Engine answers. What speaks to it is loaded once there is somebody to speak to. */
import { existsSync } from 'node:fs';

const DEFAULT_SOCKET = '/var/run/docker.sock';

/**
 * Where the engine is: as told, as DOCKER_HOST says, or at its default socket if that is there; undefined where none answers.
 * @throws Error when the one that was told does not answer.
 */
export async function findEngine(
  told: string | undefined,
  environment: string | undefined,
): Promise<string | undefined> {
  const host =
    told ?? (environment || undefined) ?? (existsSync(DEFAULT_SOCKET) ? `unix://${DEFAULT_SOCKET}` : undefined);
  if (host === undefined) return undefined;
  const { DockerEngine } = await import('../node/docker/engine/docker-engine.ts');
  try {
    await new DockerEngine(host).facts();
    return host;
  } catch (error) {
    if (told === undefined) return undefined;
    throw new Error(`no container engine answers at ${told}`, { cause: error });
  }
}
