/** A recorded case: one decision, or a sequence of steps on one cluster. Its format is described in test/vectors. */
import type { KubeObject, Node, Pod } from '../../core/index.ts';

/** What happens in a sequence, one step after the other. */
export type Step =
  | { op: 'pod'; pod: Pod }
  | { op: 'nodeAdd' | 'nodeUpdate'; node: Node }
  | { op: 'nodeDelete'; name: string }
  | { op: 'podDelete'; namespace: string; name: string };

interface CaseHead {
  /** 'file:line' it was read from, for messages. */
  place?: string;
  id: string;
  suite: string;
  /** Fields of a KubeSchedulerConfiguration, without apiVersion and kind. */
  config?: Record<string, unknown> | null;
  /** In the order in which the scheduler learns of them. */
  objects: KubeObject[];
}
/** One incoming pod. */
export type DecisionCase = CaseHead & { pod: Pod };
/** Many steps on one cluster. */
export type SequenceCase = CaseHead & { steps: Step[] };
export type Case = DecisionCase | SequenceCase;
