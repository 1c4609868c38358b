#include "host/office/broker_client.h"

#include "hal/linux/linux_linger.h"
#include "host/office/space_state.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdio.h>
#include <string.h>

#define LINGER_MS     500u
#define PASSWORD_SIZE 256u

static const char *or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static bool read_password(const char *path, char ret_password[PASSWORD_SIZE])
{
	FILE *file = fopen(path, "re");
	bool read = file != NULL && fgets(ret_password, PASSWORD_SIZE, file) != NULL;
	if (file != NULL) {
		(void)fclose(file);
	}
	if (read) {
		ret_password[strcspn(ret_password, "\r\n")] = '\0';
	}
	return read;
}

static int set_rights(struct mosquitto *client, const struct lq_config_mqtt *mqtt)
{
	char password[PASSWORD_SIZE] = "";
	int code = MOSQ_ERR_SUCCESS;
	if (mqtt->password_file[0] != '\0' && !read_password(mqtt->password_file, password)) {
		return MOSQ_ERR_INVAL;
	}
	if (mqtt->username[0] != '\0') {
		code = mosquitto_username_pw_set(client, mqtt->username, or_null(password));
	}
	explicit_bzero(password, sizeof(password));
	if (code == MOSQ_ERR_SUCCESS && mqtt->ca_file[0] != '\0') {
		code = mosquitto_tls_set(client, mqtt->ca_file, NULL, or_null(mqtt->cert_file),
			or_null(mqtt->key_file), NULL);
	}
	return code;
}

/* To an unthreaded client the library writes the acknowledgement of a message before it hands the
 * message over. Told that threads are at work, it leaves all writing to mosquitto_loop_write(),
 * which is called once the books are on disk. */
struct mosquitto *lq_broker_client_new(const struct lq_config *config, void *ctx)
{
	char id[16 + LQ_NAME_SIZE];
	(void)snprintf(id, sizeof(id), "loquet-office-%s", config->space);
	struct mosquitto *client = mosquitto_new(id, false, ctx);
	if (client == NULL) {
		return NULL;
	}
	int version = config->mqtt.protocol == LQ_MQTT_5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311;
	if (mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, version) != MOSQ_ERR_SUCCESS ||
		mosquitto_int_option(client, MOSQ_OPT_RECEIVE_MAXIMUM, (int)config->mqtt.window) !=
			MOSQ_ERR_SUCCESS ||
		mosquitto_threaded_set(client, true) != MOSQ_ERR_SUCCESS ||
		set_rights(client, &config->mqtt) != MOSQ_ERR_SUCCESS ||
		!lq_space_state_will(client, config->space)) {
		mosquitto_destroy(client);
		return NULL;
	}
	return client;
}

void lq_broker_client_leave(struct mosquitto *client, const char *space)
{
	int kept = lq_linux_keep(mosquitto_socket(client));
	lq_space_state_tell(client, space, false);
	(void)mosquitto_disconnect(client);
	(void)mosquitto_loop_write(client, 1);
	(void)lq_linux_linger(kept, LINGER_MS);
}
