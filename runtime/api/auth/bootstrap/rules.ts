/** Rules in one line each, for the tables of default roles. */
import type { PolicyRule } from '../faces.ts';

export const READ = 'get list watch';
export const WRITE = 'create update patch delete deletecollection';
export const READ_WRITE = `${READ} ${WRITE}`;

/** Words separated by blanks; 'core' stands for the group ''. */
export function rule(verbs: string, groups: string, resources: string, names?: string): PolicyRule {
  return {
    verbs: verbs.split(' '),
    apiGroups: groups.split(' ').map((group) => (group === 'core' ? '' : group)),
    resources: resources.split(' '),
    ...(names && { resourceNames: names.split(' ') }),
  };
}

export function paths(verbs: string, urls: string): PolicyRule {
  return { verbs: verbs.split(' '), nonResourceURLs: urls.split(' ') };
}

export const EVENTS = rule('create update patch', 'core events.k8s.io', 'events');
