/** The most telling commands with the oldest, a middle and the newest kubectl; `npm run kubectl` runs all with all seven. */
import { test } from 'uvu';
import { installedKubectls } from '../support/kubectl.ts';
import { chosen } from './choose.ts';
import { runMatrix } from './matrix.ts';

const clients = installedKubectls(['1.27', '1.31', '1.33']);
const results = await runMatrix({ groups: chosen({ telling: true }), clients });
for (const { group, name, version, verdict, failure } of results) {
  if (verdict === 'not in it') continue;
  test(`kubectl ${version}, ${group}: ${name}`, () => {
    if (failure !== undefined) throw new Error(failure);
  });
}
test.run();
