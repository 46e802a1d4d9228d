import type { ClauseList } from "./list";

export const deviceAdvisor: ClauseList = {
	title: "AWS IoT Device Advisor",
	source:
		"Test cases of the [Device Advisor](https://docs.aws.amazon.com/iot/latest/developerguide/device-advisor-tests.html), categories MQTT and TLS, by their ids. The TLS is the desktop host's.",
	clauses: {
		MQTT_Connect: "the device sends CONNECT",
		MQTT_Client_Puback_Qos1: "a message at QoS 1 is acknowledged",
		MQTT_Connect_Jitter_Backoff_Retries: "no CONNACK: further attempts follow with jitter",
		MQTT_Connect_Exponential_Backoff_Retries: "no CONNACK: the delays grow exponentially",
		MQTT_ReconnectionAfterSuccessfulConnection: "dropped after a good connection: at least 1 s until the next",
		MQTT_Reconnect_Backoff_Retries_On_Server_Disconnect: "dropped again and again: backoff with jitter",
		MQTT_Publish: "a message is published at QoS 0",
		MQTT_Publish_Retry_No_Puback:
			"no PUBACK: the message is sent again, with its identifier, without a disconnect before",
		MQTT_Subscribe: "topics are subscribed",
		MQTT_Subscribe_Retry_No_Suback: "no SUBACK: SUBSCRIBE is sent again, with its identifier",
		MQTT_No_Ack_PingResp: "no PINGRESP: the device disconnects",
		MQTT_Persistent_Session_Happy_Case: "the session was kept: nothing is subscribed again, what waited is taken",
		MQTT_Expired_Persistent_Session: "the session has expired: everything is subscribed again",
		TLS_Connect: "the TLS handshake succeeds",
		TLS_Receive_Maximum_Size_Fragments: "a large message in TLS records of the greatest size is received",
		TLS_Support_aws_iot_cipher_suites: "one of the recommended cipher suites is offered",
		TLS_Unsecure_Server_Cert: "a certificate of an unknown authority is refused",
		TLS_Incorrect_Subject_Name_Server_Cert: "a certificate for another name is refused",
		TLS_Expired_Server_Cert: "an expired certificate is refused",
		TLS_Large_Size_Server_Cert: "a large certificate is accepted",
	},
};
