// Follows parley.events with kafkajs and prints a line a fact.   node read-events-kafkajs.mjs BROKERS GROUP [COUNT]
import kafkajs from 'kafkajs';

const [brokers, groupId, count = '0'] = process.argv.slice(2);
const kafka = new kafkajs.Kafka({ clientId: 'example', brokers: brokers.split(','), logLevel: kafkajs.logLevel.ERROR });
const consumer = kafka.consumer({ groupId });
let left = Number(count);
await consumer.connect();
await consumer.subscribe({ topic: 'parley.events', fromBeginning: true });
await consumer.run({
  eachMessage: async ({ message }) => {
    const fact = JSON.parse(message.value.toString());
    console.log(`${message.headers.ce_type} ${fact.conversation_id} ${fact.message_id ?? fact.reply_id ?? ''}`);
    if (left > 0 && --left === 0) {
      process.exitCode = 0;
      setImmediate(() => consumer.disconnect().then(() => process.exit()));
    }
  },
});
