import { describeSpec } from '../spec/describe-spec.ts';

describeSpec('realtime-events', 2);
describeSpec('websocket-server', 2);
