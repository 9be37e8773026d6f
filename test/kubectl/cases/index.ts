/** All cases, in the order they are shown. */
import type { CaseGroup } from '../case.ts';
import { access } from './access.ts';
import { apply } from './apply.ts';
import { change } from './change.ts';
import { cluster } from './cluster.ts';
import { controllers } from './controllers.ts';
import { create } from './create.ts';
import { describe } from './describe.ts';
import { get } from './get.ts';
import { nodes } from './nodes.ts';
import { streams } from './streams.ts';
import { waiting } from './waiting.ts';
import { workloads } from './workloads.ts';

export const GROUPS: readonly CaseGroup[] = [
  cluster,
  get,
  describe,
  create,
  apply,
  change,
  workloads,
  nodes,
  streams,
  access,
  waiting,
  controllers,
];
