/**
 * A process that serves pod 0 of a network by nftables, says so, and then goes as it is told: `node serving.ts NETNS exit`
 * ends by itself, `… stay` waits to be killed.
 */

import { tableChanges } from '../../../../runtime/proxy/changes.ts';
import { NftablesPlane } from '../../../../runtime/proxy/nftables/plane.ts';
import { tableOf } from './world.ts';

const [netns, how] = process.argv.slice(2);
const plane = await NftablesPlane.start({ netns });
await plane.apply(1, tableChanges(undefined, tableOf({ backends: [0] })));
process.stdout.write('serves\n');
if (how === 'exit') process.exit(3);
setInterval(() => {}, 60_000);
