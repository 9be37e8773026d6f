/** What a row of the checklist is, and what it is given: the shape between the rows, the runner and the test file. */
import type { RunningCluster } from '../../runtime/up/cluster.ts';
import type { TestClient } from '../support/api-client.ts';
import type { Kubectl } from './kit/kubectl.ts';
import type { Resource } from './kit/resource.ts';

export interface Row {
  /** Of the checklist: 'C001'. */
  id: string;
  /** Of those with containers: among the few that `npm test` runs. */
  telling?: true;
  /** Rejects where the cluster does otherwise than Kubernetes' own test of that title asks. */
  run(check: Check): Promise<void>;
}

/** The cluster that all rows share, and the row's own place in it. */
export interface Check {
  cluster: RunningCluster;
  /** As the administrator, over HTTPS. */
  api: TestClient;
  kubectl: Kubectl;
  /** Of this row alone; it exists. */
  namespace: string;
  /** In lower case; no other row has it: for names and labels of objects outside namespaces. */
  unique: string;
  /** Makes a second namespace. @returns its name. */
  anotherNamespace(): Promise<string>;
  /** Objects of a kind in the row's namespace, or in `namespace`. @param groupVersion 'v1', 'apps/v1' */
  namespaced(groupVersion: string, plural: string, namespace?: string): Resource;
  /** Objects of a kind outside namespaces; of one within namespaces: all of them, to list and to watch. */
  everywhere(groupVersion: string, plural: string): Resource;
}
