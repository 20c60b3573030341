import { describeSpec } from './describe-spec.ts';

describeSpec('realtime-events');
