/** Which Docker Engine a command is to use: --docker, --docker-host, DOCKER_HOST or the default socket. */
import type { Flags } from './flags.ts';

/** undefined where none is to be used, or none answers. @throws UsageError when the one that is told does not. */
export async function engineOf(flags: Flags): Promise<string | undefined> {
  const told = flags.text('docker-host');
  if (flags.choice('docker', ['auto', 'off'], 'auto') === 'off') return undefined;
  const { findEngine } = await import('../up/find-engine.ts');
  try {
    return await findEngine(told, process.env.DOCKER_HOST);
  } catch (error) {
    const { message, cause } = error as Error;
    throw flags.wrong('docker-host', cause instanceof Error ? `${message}: ${cause.message}` : message);
  }
}
