/** `npm run manifests`: applies all public manifests to an API server, and says what cannot be applied and why. */
import { startApi } from '../support/api-server.ts';
import { sharedPath } from '../support/shared.ts';
import { applyAll } from './apply.ts';
import { reasonOf } from './cannot.ts';
import { readManifests } from './read.ts';

const folder = sharedPath('data/manifests');
if (folder) {
  const api = await startApi();
  const outcomes = await applyAll(api, readManifests(folder));
  await api.close();
  const failed = outcomes.filter(({ problem }) => problem !== undefined);
  const byReason = Map.groupBy(failed, (outcome) => reasonOf(outcome)?.why ?? 'unforeseen');
  for (const [why, found] of byReason) {
    console.log(`${found.length}: ${why}`);
    for (const { file, object, problem } of found) {
      console.log(`    ${file} ${object.kind ?? ''} ${object.metadata?.name ?? ''}: ${problem}`);
    }
  }
  const unforeseen = byReason.get('unforeseen')?.length ?? 0;
  const documents = Map.groupBy(
    outcomes.filter(({ object }) => object.kind !== undefined),
    ({ document }) => document,
  );
  const whole = [...documents.values()].filter((all) => all.every(({ problem }) => problem === undefined));
  console.log(`\n${documents.size} documents with a kind, ${whole.length} applied`);
  console.log(
    `${outcomes.length} objects, ${outcomes.length - failed.length} applied, ${failed.length - unforeseen} cannot be`,
  );
  console.log(`${outcomes.length - failed.length} passed, ${unforeseen} failed`);
  process.exitCode = unforeseen > 0 ? 1 : 0;
}
