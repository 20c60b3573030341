import { describeSpec } from './describe-spec.ts';

describeSpec('websocket-server');
