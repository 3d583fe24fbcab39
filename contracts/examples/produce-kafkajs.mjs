// Puts one customer message on parley.inbound with kafkajs.   node produce-kafkajs.mjs BROKERS CONVERSATION TEXT [MESSAGE_ID]
import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';

const [brokers, conversation, text, messageId = randomUUID()] = process.argv.slice(2);
const tenant = process.env.TENANT ?? 'demo';
const account = process.env.ACCOUNT ?? 'demo-shop';

// The default partitioner of kafkajs 2 is murmur2, as the Java client's: the same key, the same partition.
const kafka = new kafkajs.Kafka({ clientId: 'example', brokers: brokers.split(','), logLevel: kafkajs.logLevel.ERROR });
const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
await producer.connect();
await producer.send({
  topic: 'parley.inbound',
  acks: -1,
  messages: [{
    key: `${Buffer.byteLength(tenant)}:${tenant}:${conversation}`,
    value: JSON.stringify({
      tenant,
      conversation_id: conversation,
      channel: 'web',
      account,
      participant: { id: conversation },
      message_id: messageId,
      content: { type: 'text', text },
    }),
    headers: {
      ce_specversion: '1.0',
      ce_type: 'parley.message.v1',
      ce_source: '/examples/kafkajs',
      ce_id: messageId,
      'content-type': 'application/json',
    },
  }],
});
await producer.disconnect();
