/*
 * Pixels to JPEG, by libjpeg-turbo.
 *
 * Threads: none of its own.
 */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <apr.h>
#include <jpeglib.h>

#include "jpeg.h"

#define QUALITY 90
#define CHUNK 16384

/* A destination of our own: jpeg_mem_dest() loses track of its memory when an
 * error ends the compression. The libjpeg structs come first, so that a
 * pointer to one is a pointer to the whole. */
typedef struct jpeg_sink_t {
    struct jpeg_destination_mgr manager;
    bytes_t *bytes;
    JOCTET chunk[CHUNK];
} jpeg_sink_t;

typedef struct jpeg_trap_t {
    struct jpeg_error_mgr manager;
    jmp_buf leave;
} jpeg_trap_t;

static void jpeg_fail(j_common_ptr info)
{
    longjmp(((jpeg_trap_t *)info->err)->leave, 1);
}

static void jpeg_silent(j_common_ptr info)
{
    (void)info;
}

static void sink_rewind(j_compress_ptr info)
{
    jpeg_sink_t *sink = (jpeg_sink_t *)info->dest;

    sink->manager.next_output_byte = sink->chunk;
    sink->manager.free_in_buffer = CHUNK;
}

static void sink_store(j_compress_ptr info, size_t length)
{
    jpeg_sink_t *sink = (jpeg_sink_t *)info->dest;

    if (!bytes_append(sink->bytes, sink->chunk, length))
        jpeg_fail((j_common_ptr)info);
}

static boolean sink_full(j_compress_ptr info)
{
    sink_store(info, CHUNK);
    sink_rewind(info);
    return TRUE;
}

static void sink_end(j_compress_ptr info)
{
    sink_store(info, CHUNK - info->dest->free_in_buffer);
}

/* A native-endian word 0x--RRGGBB is read as it is. Every colour sample is kept
 * (4:4:4): the usual halving blurs text. */
static void compress(j_compress_ptr info, uint32_t *pixels)
{
    info->input_components = 4;
    info->in_color_space = APR_IS_BIGENDIAN ? JCS_EXT_XRGB : JCS_EXT_BGRX;
    jpeg_set_defaults(info);
    jpeg_set_quality(info, QUALITY, TRUE);
    info->comp_info[0].h_samp_factor = 1;
    info->comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(info, TRUE);
    while (info->next_scanline < info->image_height) {
        JSAMPROW row =
            (JSAMPROW)(pixels + info->next_scanline * info->image_width);
        jpeg_write_scanlines(info, &row, 1);
    }
    jpeg_finish_compress(info);
}

/* libjpeg reports errors by a jump. Nothing that is read after the jump is
 * changed between it and setjmp(). */
bool jpeg_encode(bytes_t *bytes, uint32_t *pixels, size_t width, size_t height)
{
    struct jpeg_compress_struct info;
    jpeg_trap_t trap;
    jpeg_sink_t sink;

    memset(&info, 0, sizeof(info));
    info.err = jpeg_std_error(&trap.manager);
    trap.manager.error_exit = jpeg_fail;
    trap.manager.output_message = jpeg_silent;
    if (setjmp(trap.leave)) {
        jpeg_destroy_compress(&info);
        return false;
    }
    jpeg_create_compress(&info);
    sink.bytes = bytes;
    sink.manager.init_destination = sink_rewind;
    sink.manager.empty_output_buffer = sink_full;
    sink.manager.term_destination = sink_end;
    info.dest = &sink.manager;
    info.image_width = (JDIMENSION)width;
    info.image_height = (JDIMENSION)height;
    compress(&info, pixels);
    jpeg_destroy_compress(&info);
    return true;
}
