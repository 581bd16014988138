/* A network of plain C in the form in which symtests can check it: tanh, squared error, gradient descent.
 *     make && symtests check --command ./my_net
 * Requests are one object a line. It reads only the fields that it needs, by their names, which no other field has,
 * and so needs no JSON library. strtod reads "NaN" and "Infinity" as well, once the quotation mark is skipped. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LAYERS = 20 };

typedef struct { long sizes[MAX_LAYERS + 1], layers, bias, samples, seq, steps; double rate, *theta, *x, *y; } Request;

/* Return what follows "name": in the line, or an empty text. */
static const char *field(const char *line, const char *name) {
    char key[40];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *found = strstr(line, key);
    return found ? found + strlen(key) : "";
}

static int is(const char *line, const char *name, const char *word) {
    const char *value = field(line, name);
    value += strspn(value, " \"");
    return strncmp(value, word, strlen(word)) == 0 && value[strlen(word)] == '"';
}

/* Return the numbers of a list, and how many there are; the caller frees them. */
static double *numbers(const char *line, const char *name, long *count) {
    const char *at = field(line, name);
    double *found = malloc((strlen(at) + 1) * sizeof *found); /* each number takes a character at least */
    if (!found) exit(1);
    at += strspn(at, " ");
    for (*count = 0; *at == '[' || *at == ',';) {
        at += strspn(at, "[, \"");
        char *end;
        double number = strtod(at, &end);
        if (end == at) break; /* an empty list */
        found[(*count)++] = number;
        at = end + strspn(end, "\" ");
    }
    return found;
}

static void print_number(double value) {
    if (isfinite(value)) printf("%.17g", value); /* 17 digits keep every bit */
    else fputs(isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"", stdout);
}

static void print_numbers(const double *values, long count) {
    putchar('[');
    for (long k = 0; k < count; k++) {
        if (k) fputs(", ", stdout);
        print_number(values[k]);
    }
    putchar(']');
}

/* Return the mean squared error and its gradient. W of a layer lies row by row, a row for each unit below; then b. */
static double loss_and_gradient(const Request *r, const double *theta, double *gradient, long count) {
    long outputs = r->sizes[r->layers];
    double loss = 0, *a[MAX_LAYERS + 1], *d[MAX_LAYERS + 1];
    for (long l = 0; l <= r->layers; l++) {
        a[l] = malloc(r->sizes[l] * sizeof(double)); /* activations */
        d[l] = malloc(r->sizes[l] * sizeof(double)); /* error signals dL/dz */
        if (!a[l] || !d[l]) exit(1);
    }
    for (long k = 0; k < count; k++) gradient[k] = 0;
    for (long n = 0; n < r->samples; n++) {
        memcpy(a[0], r->x + n * r->sizes[0], r->sizes[0] * sizeof(double));
        long start = 0;
        for (long l = 1; l <= r->layers; l++) { /* forward; the output layer is linear */
            long rows = r->sizes[l - 1], columns = r->sizes[l];
            for (long j = 0; j < columns; j++) {
                double z = r->bias ? theta[start + rows * columns + j] : 0;
                for (long i = 0; i < rows; i++) z += a[l - 1][i] * theta[start + i * columns + j];
                a[l][j] = l < r->layers ? tanh(z) : z;
            }
            start += (rows + r->bias) * columns;
        }
        for (long k = 0; k < outputs; k++) {
            double error = a[r->layers][k] - r->y[n * outputs + k];
            loss += error * error / (r->samples * outputs);
            d[r->layers][k] = 2 * error / (r->samples * outputs);
        }
        for (long l = r->layers; l > 0; l--) { /* backward */
            long rows = r->sizes[l - 1], columns = r->sizes[l];
            start -= (rows + r->bias) * columns;
            for (long j = 0; r->bias && j < columns; j++) gradient[start + rows * columns + j] += d[l][j];
            for (long i = 0; i < rows; i++) {
                double sum = 0;
                for (long j = 0; j < columns; j++) {
                    gradient[start + i * columns + j] += a[l - 1][i] * d[l][j];
                    sum += theta[start + i * columns + j] * d[l][j];
                }
                d[l - 1][i] = sum * (1 - a[l - 1][i] * a[l - 1][i]); /* the derivative of tanh */
            }
        }
    }
    for (long l = 0; l <= r->layers; l++) free(a[l]), free(d[l]);
    return loss;
}

static void answer(const char *line, Request *r) {
    long count, entries;
    double *sizes = numbers(line, "sizes", &entries), *shape = numbers(line, "shape", &count);
    r->layers = entries - 1, r->samples = (long)shape[0];
    r->bias = strncmp(field(line, "bias") + strspn(field(line, "bias"), " "), "true", 4) == 0;
    for (long l = 0; l <= r->layers && l <= MAX_LAYERS; l++) r->sizes[l] = (long)sizes[l];
    r->x = numbers(line, "x", &count), r->y = numbers(line, "y", &count), r->theta = numbers(line, "vector", &count);
    double *gradient = malloc((count + 1) * sizeof *gradient), loss = 0;
    if (!gradient) exit(1);
    if (r->layers > MAX_LAYERS) {
        printf("{\"seq\": %ld, \"unsupported\": \"more than %d layers\"}\n", r->seq, MAX_LAYERS);
    } else if (r->samples == 0) {
        printf("{\"seq\": %ld, \"error\": \"the mean over an empty batch is not defined\"}\n", r->seq);
    } else if (is(line, "operation", "train")) {
        r->steps = atol(field(line, "steps")), r->rate = strtod(field(line, "learning_rate"), NULL);
        for (long step = 0; step < r->steps; step++) {
            loss_and_gradient(r, r->theta, gradient, count);
            for (long k = 0; k < count; k++) r->theta[k] -= r->rate * gradient[k];
        }
        printf("{\"seq\": %ld, \"parameters\": ", r->seq);
        print_numbers(r->theta, count);
        puts("}");
    } else {
        loss = loss_and_gradient(r, r->theta, gradient, count);
        printf("{\"seq\": %ld, \"gradient\": ", r->seq);
        print_numbers(gradient, count);
        fputs(", \"loss\": ", stdout);
        print_number(loss);
        puts("}");
    }
    free(sizes), free(shape), free(r->x), free(r->y), free(r->theta), free(gradient);
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        Request r = {.seq = atol(field(line, "seq"))};
        if (is(line, "operation", "hello"))
            printf("{\"seq\": %ld, \"protocol\": 1, \"name\": \"my-c-net\", \"version\": \"1.0\", \"language\": \"C\", "
                   "\"operations\": [\"loss_and_gradient\"], \"capabilities\": {\"activations\": [\"tanh\"], "
                   "\"losses\": [\"mse\"], \"optimizers\": [\"sgd\"], \"sample_weights\": false}}\n", r.seq);
        else if (is(line, "operation", "bye"))
            printf("{\"seq\": %ld}\n", r.seq);
        else if (is(line, "operation", "train") || is(line, "operation", "loss_and_gradient"))
            answer(line, &r);
        else
            printf("{\"seq\": %ld, \"unsupported\": \"this operation\"}\n", r.seq);
        fflush(stdout); /* without it the answer waits in a buffer, and symtests waits for the answer */
    }
    free(line);
    return 0;
}
