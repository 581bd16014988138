/* Plain gradient descent for a network with one hidden layer of tanh units, linear outputs and the mean squared error.

   The sizes are fixed by the compiler's options -DINPUTS -DHIDDEN -DOUTPUTS -DSAMPLES, so that it can unroll every loop.
   With -DWRITTEN_OUT tanh is the branch-free one of symtests/kernels/tanh.py, so that it can be vectorised too. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef WRITTEN_OUT

/* Neighbours are folded in pairs (Estrin), as in symtests/kernels/intrinsics.py. */
#define PAIR(x, low, high) fma(high, x, low)

static inline double exponential_plus_one(double x)
{
    const double zero = 1.5 * 0x1p52 + 1023.0;
    double t = fma(x, 1.4426950408889634, zero), k = t - zero;
    double r = fma(-k, 0x1.62e42fefa3800p-1, x);
    r = fma(-k, 0x1.ef35793c76730p-45, r);
    double r2 = r * r, r4 = r2 * r2, r8 = r4 * r4;
    double p0 = PAIR(r, 0.50000000000000108, 0.16666666666666407), p1 = PAIR(r, 0.041666666666528127, 0.0083333333334970722);
    double p2 = PAIR(r, 0.0013888888944244098, 0.00019841269502423145);
    double p3 = PAIR(r, 2.4801492392762887e-5, 2.7557588697387625e-6);
    double p4 = PAIR(r, 2.7630522109997738e-7, 2.499977394228774e-8);
    double p = PAIR(r8, PAIR(r4, PAIR(r2, p0, p1), PAIR(r2, p2, p3)), p4);
    double e = fma(r2, p, r) + 1.0;
    uint64_t bits;
    double power;
    memcpy(&bits, &t, sizeof bits);
    bits <<= 52;
    memcpy(&power, &bits, sizeof power);
    return fma(e, power, 1.0);
}

static inline double activation(double x)
{
    double u = x * x, u2 = u * u, u4 = u2 * u2, u8 = u4 * u4, size = fabs(x);
    double p0 = PAIR(u, -0.33333333333333126, 0.1333333333329966);
    double p1 = PAIR(u, -0.05396825394929464, 0.021869488002540814);
    double p2 = PAIR(u, -0.00886322677720257, 0.003592037377545591);
    double p3 = PAIR(u, -0.0014552153551862384, 0.000587188382453162);
    double p4 = PAIR(u, -0.00023039676680931644, 7.931390135331381e-05);
    double p = PAIR(u8, PAIR(u4, PAIR(u2, p0, p1), PAIR(u2, p2, p3)), PAIR(u2, p4, -1.717870096887725e-05));
    double small = fma(x * u, p, x);
    double large = 1.0 - 2.0 / exponential_plus_one(2.0 * (size > 20.0 ? 20.0 : size));
    return copysign(size < 0.6 ? small : large, x);
}

#else
#define activation tanh
#endif

void train(double *parameters, const double *inputs, const double *targets, double rate, int64_t steps)
{
    double W1[INPUTS][HIDDEN], b1[HIDDEN], W2[HIDDEN][OUTPUTS], b2[OUTPUTS];
    double x[SAMPLES][INPUTS], y[SAMPLES][OUTPUTS], a[SAMPLES][HIDDEN], D1[SAMPLES][HIDDEN], D2[SAMPLES][OUTPUTS];
    const double scale = 2.0 / (SAMPLES * OUTPUTS);

    memcpy(W1, parameters, sizeof W1);
    memcpy(b1, parameters + INPUTS * HIDDEN, sizeof b1);
    memcpy(W2, parameters + (INPUTS + 1) * HIDDEN, sizeof W2);
    memcpy(b2, parameters + (INPUTS + 1) * HIDDEN + HIDDEN * OUTPUTS, sizeof b2);
    memcpy(x, inputs, sizeof x);
    memcpy(y, targets, sizeof y);

    for (int64_t step = 0; step < steps; step++) {
        for (int s = 0; s < SAMPLES; s++)
            for (int j = 0; j < HIDDEN; j++) {
                double z = b1[j];
                for (int i = 0; i < INPUTS; i++)
                    z += x[s][i] * W1[i][j];
                a[s][j] = activation(z);
            }
        for (int s = 0; s < SAMPLES; s++)
            for (int k = 0; k < OUTPUTS; k++) {
                double z = b2[k];
                for (int j = 0; j < HIDDEN; j++)
                    z += a[s][j] * W2[j][k];
                D2[s][k] = scale * (z - y[s][k]);
            }
        for (int s = 0; s < SAMPLES; s++)
            for (int j = 0; j < HIDDEN; j++) {
                double sum = 0.0;
                for (int k = 0; k < OUTPUTS; k++)
                    sum += D2[s][k] * W2[j][k];
                D1[s][j] = sum * (1.0 - a[s][j] * a[s][j]);
            }
        for (int j = 0; j < HIDDEN; j++) {
            for (int i = 0; i < INPUTS; i++) {
                double sum = 0.0;
                for (int s = 0; s < SAMPLES; s++)
                    sum += x[s][i] * D1[s][j];
                W1[i][j] -= rate * sum;
            }
            double sum = 0.0;
            for (int s = 0; s < SAMPLES; s++)
                sum += D1[s][j];
            b1[j] -= rate * sum;
        }
        for (int k = 0; k < OUTPUTS; k++) {
            for (int j = 0; j < HIDDEN; j++) {
                double sum = 0.0;
                for (int s = 0; s < SAMPLES; s++)
                    sum += a[s][j] * D2[s][k];
                W2[j][k] -= rate * sum;
            }
            double sum = 0.0;
            for (int s = 0; s < SAMPLES; s++)
                sum += D2[s][k];
            b2[k] -= rate * sum;
        }
    }

    memcpy(parameters, W1, sizeof W1);
    memcpy(parameters + INPUTS * HIDDEN, b1, sizeof b1);
    memcpy(parameters + (INPUTS + 1) * HIDDEN, W2, sizeof W2);
    memcpy(parameters + (INPUTS + 1) * HIDDEN + HIDDEN * OUTPUTS, b2, sizeof b2);
}
