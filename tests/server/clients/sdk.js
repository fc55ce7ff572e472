// Calls the management API through tencentcloud-sdk-nodejs: a call for each line of standard input, an answer for each.
//
//     sdk.js HOST:PORT SECRET_ID SECRET_KEY POST|GET

const { createInterface } = require("readline");
const { apigateway } = require("tencentcloud-sdk-nodejs/tencentcloud/services/apigateway");

const [endpoint, secretId, secretKey, reqMethod] = process.argv.slice(2);
const client = new apigateway.v20180808.Client({
  credential: { secretId, secretKey },
  region: "ap-guangzhou",
  profile: { httpProfile: { endpoint, protocol: "http://", reqMethod } },
});

async function main() {
  for await (const line of createInterface({ input: process.stdin })) {
    const { action, parameters } = JSON.parse(line);
    let answer;
    try {
      answer = { answer: await client[action](parameters) };
    } catch (error) {
      answer = { code: error.code, message: error.message, request_id: error.requestId };
    }
    console.log(JSON.stringify(answer));
  }
}

main();
