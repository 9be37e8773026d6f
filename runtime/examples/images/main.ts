/**
 * `npm run images [-- --docker-host HOST] [-- --anew]`: builds the images of the examples on a Docker Engine. What is
 * there already is left, so it may be run again; what cannot be built is told, all of it at once.
 */
import { parseArgs } from 'node:util';
import { DockerEngine } from '../../node/docker/engine/docker-engine.ts';
import { findEngine } from '../../up/find-engine.ts';
import { ensureImage, IMAGES } from './build.ts';
import { ProgramMissing } from './programs.ts';

const USAGE = 'usage: npm run images [-- --docker-host unix:///var/run/docker.sock] [-- --anew]';

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let values: { 'docker-host'?: string; anew: boolean };
  try {
    const options = { 'docker-host': { type: 'string' }, anew: { type: 'boolean', default: false } } as const;
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    console.error(`keelson: ${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  try {
    const host = await findEngine(values['docker-host'], process.env.DOCKER_HOST);
    if (host === undefined) {
      console.error(
        'keelson: no Docker Engine answers at DOCKER_HOST or /var/run/docker.sock; --docker-host tells another',
      );
      return 1;
    }
    return await buildAll(new DockerEngine(host), values.anew);
  } catch (error) {
    const { message, cause } = error as Error;
    console.error(`keelson: ${message}${cause instanceof Error ? `: ${cause.message}` : ''}`);
    return 1;
  }
}

/** 1 when one of them could not be built. */
async function buildAll(engine: DockerEngine, anew: boolean): Promise<number> {
  let exitCode = 0;
  for (const recipe of IMAGES) {
    try {
      const built = await ensureImage(engine, recipe, anew);
      console.log(`${recipe.name} ${built ? 'is built' : 'is there already'}`);
    } catch (error) {
      if (!(error instanceof ProgramMissing)) throw error;
      console.error(`keelson: ${recipe.name}: ${error.message}`);
      exitCode = 1;
    }
  }
  return exitCode;
}
